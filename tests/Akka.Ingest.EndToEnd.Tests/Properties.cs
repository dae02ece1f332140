// One server at a time: these tests measure crashes, not how many processes two cores can carry.
[assembly: Xunit.CollectionBehavior(DisableTestParallelization = true)]
