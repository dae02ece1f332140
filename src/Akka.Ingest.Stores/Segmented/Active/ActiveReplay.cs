namespace Akka.Ingest.Stores.Segmented.Active;

using System.IO.Hashing;
using Akka.Ingest.Stores.Files;

/// <summary>A frame found in a file; <see cref="IsDamaged"/> where its payload is not what was written.</summary>
internal readonly record struct FoundFrame(FramePlace Place, FrameHeader Header, bool IsDamaged);

/// <summary>What a file holds.</summary>
/// <param name="Frames">In the order of the file, without end marks.</param>
/// <param name="Length">Everything from here on was never acknowledged and is to be cut off.</param>
/// <param name="UnknownBytes">Bytes before <paramref name="Length"/> that belong to no frame that could be found.</param>
internal sealed record ReplayedFile(IReadOnlyList<FoundFrame> Frames, long Length, IReadOnlyList<(long From, long To)> UnknownBytes);

/// <summary>
/// Reads the frames of a file after a restart. A group of frames is written only after the group before it was flushed. So a frame that
/// is bad in the last group of the file was torn by a crash before anybody was told that it is stored, and is cut off; a frame that is bad
/// before that is damage. An orderly end leaves a mark, a group of its own.
/// </summary>
internal static class ActiveReplay
{
    private const int Window = 1024 * 1024;

    public static ReplayedFile Read(IStoreFile file)
    {
        var length = file.Length;
        var found = new List<FoundFrame>();
        var unknown = new List<(long From, long To)>();
        var buffer = new byte[Window];
        long at = 0;
        while (at < length)
        {
            var frame = FrameFormat.TryRead(file, at, length);
            if (frame is null || frame.Value.Place.Offset != at)
                frame = FindNext(file, at, length, buffer);
            if (frame is not var (place, header))
            {
                unknown.Add((at, length));
                break;
            }

            if (place.Offset > at)
                unknown.Add((at, place.Offset));
            found.Add(new FoundFrame(place, header, !IsWhole(file, place, length, buffer)));
            at = Math.Min(place.End, length);
        }

        return Cut(found, unknown, length);
    }

    private static ReplayedFile Cut(List<FoundFrame> found, List<(long From, long To)> unknown, long length)
    {
        var lastGroup = found.Count > 0 ? found[^1].Header.GroupStart : 0;
        var bad = found.Where(frame => frame.IsDamaged).Select(frame => frame.Place.Offset).Concat(unknown.Select(gap => gap.From));
        var end = bad.Where(offset => offset >= lastGroup).DefaultIfEmpty(length).Min();
        return new ReplayedFile(
            [.. found.Where(frame => frame.Place.Offset < end && !frame.Header.IsEndMark)], end, [.. unknown.Where(gap => gap.From < end)]);
    }

    private static bool IsWhole(IStoreFile file, in FramePlace place, long length, byte[] buffer)
    {
        if (place.End > length)
            return false;
        var hash = new XxHash3();
        for (long done = 0; done < place.StoredBytes;)
        {
            var part = buffer.AsSpan(0, (int)Math.Min(buffer.Length, place.StoredBytes - done));
            if (file.Read(place.PayloadOffset + done, part) < part.Length)
                return false;
            hash.Append(part);
            done += part.Length;
        }

        return hash.GetCurrentHashAsUInt64() == place.Checksum;
    }

    // The first header behind a bad place: the back of the frame whose front is bad, or the front of a later one.
    private static (FramePlace Place, FrameHeader Header)? FindNext(IStoreFile file, long from, long length, byte[] buffer)
    {
        for (var at = from; at < length;)
        {
            var window = buffer.AsSpan(0, (int)Math.Min(buffer.Length, length - at));
            window = window[..file.Read(at, window)];
            var next = 0;
            for (int hit; (hit = window[next..].IndexOf(FrameFormat.MagicStart)) >= 0; next += hit + 1)
            {
                var offset = at + next + hit;
                if (FrameFormat.TryRead(file, offset, length) is { } frame && frame.Place.Offset >= from)
                    return frame;
            }

            if (window.Length < FrameFormat.MagicStart.Length)
                break;
            at += Math.Max(1, window.Length - FrameFormat.MagicStart.Length + 1);
        }

        return null;
    }
}
