namespace Akka.Ingest.Query;

using Akka.Ingest.Model;

/// <summary>Turns a condition that speaks of nothing but the level into the set of levels that satisfy it.</summary>
internal static class FilterLevels
{
    /// <summary>The set, or null when the condition depends on anything else.</summary>
    public static LevelSet? Of(FilterNode node)
    {
        if (node is FilterNode.Constant || !SpeaksOnlyOfLevel(node))
            return null;
        var filter = new EventFilter(node);
        using var writer = new EventRecordWriter(EventRecord.HeaderLength);
        var levels = LevelSet.None;
        foreach (var severity in LevelSet.All.Severities)
        {
            writer.Clear();
            writer.Begin(0, 0, severity);
            writer.End();
            if (filter.Matches(EventRecord.Read(writer.WrittenSpan), default))
                levels = levels.With(severity);
        }

        return levels;
    }

    private static bool SpeaksOnlyOfLevel(FilterNode node) => node switch
    {
        FilterNode.Constant => true,
        FilterNode.And and => and.Items.All(SpeaksOnlyOfLevel),
        FilterNode.Or or => or.Items.All(SpeaksOnlyOfLevel),
        FilterNode.Not not => SpeaksOnlyOfLevel(not.Item),
        FilterNode.Compare compare => IsLevel(compare.Path),
        FilterNode.In some => IsLevel(some.Path),
        FilterNode.IsNull isNull => IsLevel(isNull.Path),
        FilterNode.Has has => IsLevel(has.Path),
        _ => false,
    };

    private static bool IsLevel(FilterPath path) => path.Name == FilterName.Level;
}
