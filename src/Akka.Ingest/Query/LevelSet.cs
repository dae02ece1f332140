namespace Akka.Ingest.Query;

using System.Numerics;
using Akka.Ingest.Model;

/// <summary>A set of severities; bit n stands for severity n.</summary>
public readonly record struct LevelSet(byte Bits)
{
    private const byte AllBits = (1 << SeverityCount) - 1;

    /// <summary>How many severities there are.</summary>
    public const int SeverityCount = 6;
    public static readonly LevelSet All = new(AllBits);
    public static readonly LevelSet None;

    public static LevelSet AtLeast(Severity severity) => new((byte)(AllBits & (AllBits << (int)severity)));
    public static LevelSet Of(IEnumerable<Severity> severities) => severities.Aggregate(None, (set, severity) => set.With(severity));

    public int Count => BitOperations.PopCount(Bits);
    public bool IsAll => Bits == AllBits;
    public bool IsEmpty => Bits == 0;
    public bool Contains(Severity severity) => (int)severity < SeverityCount && (Bits & (1 << (int)severity)) != 0;
    public LevelSet With(Severity severity) => new((byte)(Bits | (1 << (int)severity)));
    public LevelSet Intersect(LevelSet other) => new((byte)(Bits & other.Bits));
    public bool IsWithin(LevelSet other) => (Bits & ~other.Bits) == 0;

    public IEnumerable<Severity> Severities
    {
        get
        {
            for (var i = 0; i < SeverityCount; i++)
            {
                if (Contains((Severity)i))
                    yield return (Severity)i;
            }
        }
    }
}
