namespace Akka.Ingest.Tests.Spool;

using Akka.Actor;
using Akka.Ingest.Model;
using Akka.Ingest.Spool;
using Akka.Ingest.Testing;
using CsCheck;
using Xunit;

/// <summary>The bytes below are in journals: a change here means that old journals can no longer be read.</summary>
public sealed class SpoolSerializerTests : IDisposable
{
    private static readonly Guid Id = Guid.Parse("01997e3a-5c40-7c3e-9d2b-3f1a2b4c5d6e");
    private static readonly StoredPosition Position = new(new SpoolOffset(0x0102, 3), 0x0405, 0x0607);
    private readonly ActorSystem _system = ActorSystem.Create("serializer");
    private readonly SpoolSerializer _serializer;

    public SpoolSerializerTests() => _serializer = new SpoolSerializer((ExtendedActorSystem)_system);

    public void Dispose() => _system.Dispose();

    public static TheoryData<string, string> Approved => new()
    {
        { "created", "01000001997E3A5C407C3E9D2B3F1A2B4C5D6E0400" },
        { "owned", "0107000000" },
        { "verified", "01" },
        { "renewed", "0101997E3A5C407C3E9D2B3F1A2B4C5D6E02010000000000000300000005040000000000000706000000000000" },
        { "entry", ApprovedBytes.Entry },
        { "state", ApprovedBytes.State },
    };

    [Theory]
    [MemberData(nameof(Approved))]
    public void Bytes_of_each_event_are_the_approved_ones(string manifest, string hex)
    {
        var @event = Sample(manifest);
        Assert.Equal(manifest, _serializer.Manifest(@event));
        Assert.Equal(hex, Convert.ToHexString(_serializer.ToBinary(@event)));
    }

    [Theory]
    [MemberData(nameof(Approved))]
    public void Approved_bytes_are_read_back(string manifest, string hex)
    {
        var bytes = Convert.FromHexString(hex);
        var read = _serializer.FromBinary(bytes, manifest);
        if (read is SpoolEntry entry)
        {
            var sample = (SpoolEntry)Sample(manifest);
            Assert.Same(bytes, entry.Bytes);
            Assert.Equal((sample.FirstOrdinal, sample.EventCount, sample.RejectedCount, sample.Epoch, sample.Checksum), (entry.FirstOrdinal, entry.EventCount, entry.RejectedCount, entry.Epoch, entry.Checksum));
            Assert.Equal(sample.Requests, entry.Requests);
            Assert.Equal(sample.Chunks.ToArray(), entry.Chunks.ToArray());
        }
        else if (read is SpoolSnapshot snapshot)
        {
            Assert.Equal(hex, Convert.ToHexString(SpoolStateFormat.Write(SpoolStateFormat.Read(snapshot.Bytes, 9, 10))));
        }
        else
        {
            Assert.Equal(Sample(manifest), read);
        }
    }

    [Fact]
    public void The_identifier_and_the_binding_are_fixed()
    {
        using var system = ActorSystem.Create("bound", Akka.Ingest.Hosting.SpoolHosting.JournalConfig());
        var bound = system.Serialization.FindSerializerForType(typeof(SpoolEntry));
        Assert.IsType<SpoolSerializer>(bound);
        Assert.Equal(5341, bound.Identifier);
    }

    [Fact]
    public void The_journal_gets_the_array_of_the_entry_and_no_copy()
    {
        var entry = (SpoolEntry)Sample("entry");
        Assert.Same(entry.Bytes, _serializer.ToBinary(entry));
    }

    [Fact]
    public void Reading_never_throws_whatever_the_bytes()
    {
        string[] names = ["entry", "created", "owned", "verified", "renewed", "state", "other", ""];
        Gen.Select(Gen.Int[0, names.Length - 1].Select(n => names[n]), Gen.Byte.Array[0, 200]).Sample((manifest, bytes) =>
        {
            Assert.IsAssignableFrom<ISpoolEvent>(_serializer.FromBinary(bytes, manifest));
        });
    }

    [Fact]
    public void Any_altered_byte_of_an_entry_makes_it_corrupt()
    {
        var bytes = Convert.FromHexString(ApprovedBytes.Entry);
        for (var i = 0; i < bytes.Length; i++)
        {
            var altered = bytes.ToArray();
            altered[i] ^= 0x10;
            var corrupt = Assert.IsType<CorruptEntry>(_serializer.FromBinary(altered, "entry"));
            Assert.NotEmpty(corrupt.Reason);
        }

        for (var length = 0; length < bytes.Length; length++)
            Assert.IsType<CorruptEntry>(_serializer.FromBinary(bytes[..length], "entry"));
    }

    private static object Sample(string manifest) => manifest switch
    {
        "created" => new SpoolCreated(Id, 4),
        "owned" => new Owned(7),
        "verified" => StoreVerified.Instance,
        "renewed" => new SpoolRenewed(Id, Position),
        "entry" => SampleEntry(),
        _ => new SpoolSnapshot(SpoolStateFormat.Write(SampleState())),
    };

    private static SpoolEntry SampleEntry()
    {
        using var block = TestEvents.Block(2, rejected: n => n == 1);
        return SpoolEntryFormat.Write(
            3,
            1_000,
            [
                new SpooledRequest(TestEvents.ReceivedAt, "web", 1, 0, new IdempotencyIdentity(UInt128.MaxValue - 1, 17)),
                new SpooledRequest(TestEvents.ReceivedAt.AddTicks(1), "", 1, 1, null),
            ],
            [block.Chunks]);
    }

    private static SpoolState SampleState()
    {
        var state = new SpoolState(10);
        state.Apply(new SpoolCreated(Guid.Parse("01997e3a-0000-7000-8000-000000000001"), 4), 1);
        state.Apply(new Owned(1), 2);
        state.Apply(SampleEntry(), 3);
        state.Apply(new SpoolRenewed(Id, new StoredPosition(new SpoolOffset(2, 0), 0, 0)), 4);
        return state;
    }
}
