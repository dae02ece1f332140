namespace Akka.Ingest.EndToEnd.Tests.Clients;

using System.Collections.Concurrent;
using System.Globalization;

/// <summary>What the virtual users measured.</summary>
internal sealed class K6Samples
{
    private readonly ConcurrentDictionary<string, ConcurrentQueue<double>> _samples = new(StringComparer.Ordinal);
    private readonly ConcurrentDictionary<string, int> _failedChecks = new(StringComparer.Ordinal);

    public void Add(string metric, double value) => _samples.GetOrAdd(metric, _ => new ConcurrentQueue<double>()).Enqueue(value);

    public void Check(string name, bool passed)
    {
        Add("checks", passed ? 1 : 0);
        if (!passed)
            _failedChecks.AddOrUpdate(name, 1, (_, count) => count + 1);
    }

    public K6Summary Summarize(IReadOnlyList<(string Metric, string Expression)> thresholds) => new(
        _samples.GetValueOrDefault("http_reqs")?.Count ?? 0,
        _samples.GetValueOrDefault("checks")?.Count(value => value == 1) ?? 0,
        _failedChecks.ToDictionary(StringComparer.Ordinal),
        [.. thresholds.Select(threshold => Evaluate(threshold.Metric, threshold.Expression))]);

    private K6Threshold Evaluate(string metric, string expression)
    {
        var at = expression.IndexOfAny(['<', '>', '=', '!']);
        if (at < 0 || metric.Contains('{', StringComparison.Ordinal))
            throw new NotSupportedException($"This runner does not know the threshold {metric}: {expression}");
        var inclusive = expression[at + 1] == '=';
        var limit = double.Parse(expression[(at + (inclusive ? 2 : 1))..].Trim(), CultureInfo.InvariantCulture);
        var value = Aggregate(_samples.GetValueOrDefault(metric)?.ToArray() ?? [], expression[..at].Trim());
        var holds = expression[at] switch
        {
            '<' => inclusive ? value <= limit : value < limit,
            '>' => inclusive ? value >= limit : value > limit,
            '=' => value == limit,
            _ => value != limit,
        };
        return new K6Threshold($"{metric} {expression}", value, holds);
    }

    private static double Aggregate(double[] values, string method)
    {
        Array.Sort(values);
        return method switch
        {
            "count" => values.Sum(),
            "rate" => values.Length == 0 ? 0 : values.Average(),
            "avg" => values.Length == 0 ? 0 : values.Average(),
            "min" => values.FirstOrDefault(),
            "max" => values.LastOrDefault(),
            "med" => Percentile(values, 50),
            _ when method.StartsWith("p(", StringComparison.Ordinal) => Percentile(values, double.Parse(method[2..^1], CultureInfo.InvariantCulture)),
            _ => throw new NotSupportedException($"This runner does not know the aggregate {method}."),
        };
    }

    private static double Percentile(double[] sorted, double percent) =>
        sorted.Length == 0 ? 0 : sorted[(int)Math.Min(sorted.Length - 1, percent / 100 * sorted.Length)];
}

/// <summary>Outcome of a run.</summary>
internal sealed record K6Summary(int Requests, int ChecksPassed, IReadOnlyDictionary<string, int> FailedChecks, IReadOnlyList<K6Threshold> Thresholds);

/// <summary>A threshold, the value it was held against, and whether it holds.</summary>
internal sealed record K6Threshold(string Expression, double Value, bool Holds);
