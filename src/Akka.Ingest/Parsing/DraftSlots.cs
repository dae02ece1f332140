namespace Akka.Ingest.Parsing;

using System.Runtime.CompilerServices;
using Akka.Ingest.Model;

/// <summary>Where a field of the event being read lies; positions are in what the reader reads, or in scratch memory.</summary>
internal struct DraftSlot
{
    /// <summary>The member as sent: start of its name, start and end of its value.</summary>
    public int NameStart;
    public int ValueStart;
    public int ValueEnd;

    /// <summary>The bytes of the field as they go into the record.</summary>
    public int Start;
    public int Length;
    public bool IsScratch;

    public void Set(int start, int length, bool isScratch)
    {
        Start = start;
        Length = length;
        IsScratch = isScratch;
    }
}

/// <summary>A slot for each <see cref="EventField"/>, then one for the timestamp and one for the level.</summary>
[InlineArray(EventFields.Count + 2)]
internal struct DraftSlots
{
    private DraftSlot _first;
}
