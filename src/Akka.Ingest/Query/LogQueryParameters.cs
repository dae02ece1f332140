namespace Akka.Ingest.Query;

using System.Globalization;
using Akka.Ingest.Model;
using Microsoft.AspNetCore.Http;

/// <summary>Reads a query from the query string. Parameters it does not know are left alone.</summary>
internal static class LogQueryParameters
{
    public const int DefaultBuckets = 60;
    public const int MaxBuckets = 1_000;

    /// <summary>The request, or the first parameter that is wrong.</summary>
    public static LogQueryRequest? Read(IQueryCollection query, out LogQueryError? error)
    {
        var reader = new Reader(query);
        var request = new LogQueryRequest
        {
            From = reader.Time("from"),
            To = reader.Time("to"),
            MinLevel = reader.Level("minLevel"),
            Levels = reader.Levels("level"),
            Text = reader.Text("text"),
            Source = reader.Text("source"),
            Category = reader.Text("category"),
            TraceId = reader.Text("traceId"),
            Filter = reader.Text("filter"),
            Order = reader.Order("order"),
            Limit = reader.Number("limit", LogQueryRequest.DefaultLimit, int.MaxValue),
            Cursor = reader.Text("cursor"),
            After = reader.Text("after"),
        };
        error = reader.Error;
        return error is null ? request : null;
    }

    /// <summary>Parameter <c>buckets</c>.</summary>
    public static int ReadBuckets(IQueryCollection query, out LogQueryError? error)
    {
        var reader = new Reader(query);
        var buckets = reader.Number("buckets", DefaultBuckets, MaxBuckets);
        error = reader.Error;
        return buckets;
    }

    private sealed class Reader(IQueryCollection query)
    {
        public LogQueryError? Error { get; private set; }

        public string? Text(string name)
        {
            var values = query[name];
            if (values.Count > 1)
                Fail(name, "is given more than once");
            return values.Count == 0 || string.IsNullOrEmpty(values[0]) ? null : values[0];
        }

        public DateTime? Time(string name)
        {
            if (Text(name) is not { } text)
                return null;
            if (Rfc3339.TryParse(text, out var ticks))
                return new DateTime(ticks, DateTimeKind.Utc);
            Fail(name, "must be an RFC 3339 time, for example 2026-11-24T08:00:00Z");
            return null;
        }

        public Severity? Level(string name) => Text(name) is { } text ? ParseLevel(name, text) : null;

        public List<Severity> Levels(string name)
        {
            var levels = new List<Severity>();
            foreach (var text in query[name])
            {
                if (!string.IsNullOrEmpty(text) && ParseLevel(name, text) is { } level)
                    levels.Add(level);
            }

            return levels;
        }

        public LogOrder Order(string name)
        {
            switch (Text(name)?.ToLowerInvariant())
            {
                case null or "desc":
                    return LogOrder.Descending;
                case "asc":
                    return LogOrder.Ascending;
                case "received":
                    return LogOrder.Received;
                default:
                    Fail(name, "must be desc, asc or received");
                    return default;
            }
        }

        public int Number(string name, int fallback, int max)
        {
            if (Text(name) is not { } text)
                return fallback;
            if (int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var number) && number >= 1 && number <= max)
                return number;
            Fail(name, string.Create(CultureInfo.InvariantCulture, $"must be a whole number from 1 to {max}"));
            return fallback;
        }

        private Severity? ParseLevel(string name, string text)
        {
            if (SeverityNames.TryParse(text, out var severity))
                return severity;
            Fail(name, $"must be {SeverityNames.Expected}");
            return null;
        }

        private void Fail(string name, string problem) => Error ??= new LogQueryError(name, $"{name} {problem}.");
    }
}
