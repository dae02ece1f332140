namespace Akka.Ingest.EndToEnd.Tests.Harness;

using Xunit;

/// <summary>Outcome of <see cref="BatchLedger.CheckAsync"/>.</summary>
internal sealed class LedgerReport
{
    private const int MaxShown = 20;
    private readonly List<string> _shown = [];

    /// <summary>Numbered events found in the store.</summary>
    public long Found { get; set; }

    public Tally Acknowledged { get; } = new();
    public Tally Refused { get; } = new();
    public Tally UnansweredStored { get; } = new();
    public Tally UnansweredAbsent { get; } = new();

    /// <summary>Broken promises.</summary>
    public int WrongCount { get; private set; }

    public void Wrong(string what)
    {
        WrongCount++;
        if (_shown.Count < MaxShown)
            _shown.Add(what);
    }

    /// <summary>Fails the test if a promise is broken.</summary>
    public void AssertExactlyOnce()
    {
        if (WrongCount > 0)
            Assert.Fail($"{WrongCount} broken promises, the first:\n  {string.Join("\n  ", _shown)}\n{this}");
        Assert.Equal(Acknowledged.Events + UnansweredStored.Events, Found);
    }

    public override string ToString() =>
        $"acknowledged {Acknowledged}; unanswered but stored whole {UnansweredStored}, unanswered and absent {UnansweredAbsent}; refused {Refused}; found {Found} events";

    /// <summary>Requests and their events.</summary>
    internal sealed class Tally
    {
        public long Requests { get; private set; }
        public long Events { get; private set; }

        public void Add(int events)
        {
            Requests++;
            Events += events;
        }

        public override string ToString() => $"{Requests} requests ({Events} events)";
    }
}
