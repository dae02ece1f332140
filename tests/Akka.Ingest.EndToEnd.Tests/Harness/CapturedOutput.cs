namespace Akka.Ingest.EndToEnd.Tests.Harness;

using System.Diagnostics;

/// <summary>What a server printed, over all its runs. Thread-safe; keeps the newest 20,000 lines.</summary>
internal sealed class CapturedOutput
{
    private const int MaxLines = 20_000;
    private readonly Queue<string> _lines = new();

    public string Text
    {
        get
        {
            lock (_lines)
                return string.Join('\n', _lines);
        }
    }

    public void Capture(Process process)
    {
        process.OutputDataReceived += (_, line) => Add(line.Data);
        process.ErrorDataReceived += (_, line) => Add(line.Data);
        process.BeginOutputReadLine();
        process.BeginErrorReadLine();
    }

    public void Add(string? line)
    {
        if (line is null)
            return;
        lock (_lines)
        {
            _lines.Enqueue(line);
            if (_lines.Count > MaxLines)
                _lines.Dequeue();
        }
    }

    public string Tail(int lines)
    {
        lock (_lines)
            return string.Join('\n', _lines.TakeLast(lines));
    }
}
