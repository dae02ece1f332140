namespace Akka.Ingest.LoadTest.Load;

using System.Buffers.Text;
using System.Diagnostics;
using System.Net.Sockets;
using System.Text;

/// <summary>
/// One keep-alive connection with a thread of its own and a blocking socket: a request costs one send and one or two
/// receives, and no scheduling inside this process.
/// </summary>
internal sealed class LoadConnection(LoadOptions options, PreparedRequest[] requests, ulong run, int number) : IDisposable
{
    /// <summary>An answer that takes longer counts as lost, and the connection is made anew.</summary>
    private static readonly TimeSpan AnswerTimeout = TimeSpan.FromSeconds(60);

    /// <summary>Pause after a refusal in a closed loop, which would otherwise measure how fast the server refuses.</summary>
    private static readonly long RefusalPause = Stopwatch.Frequency / 20;

    private readonly HttpResponseReader _reader = new();
    private Socket? _socket;
    private ulong _sent;

    /// <summary>Sends until the schedule ends. Never throws for what the server does: it counts.</summary>
    public LoadTally Run(LoadSchedule schedule)
    {
        var tally = new LoadTally();
        while (schedule.TryTake(out var due))
        {
            LoadSchedule.WaitUntil(due);
            var sendTime = Stopwatch.GetTimestamp();
            if (sendTime >= schedule.LastSend)
            {
                tally.NotSent(LoadSchedule.Microseconds(sendTime - due));
                continue;
            }

            var accepted = TryExchange(tally);
            var answered = Stopwatch.GetTimestamp();
            tally.Answered(LoadSchedule.Microseconds(answered - due), LoadSchedule.Microseconds(answered - sendTime));
            if (!accepted && !schedule.IsOpen)
                LoadSchedule.WaitUntil(answered + RefusalPause);
        }

        return tally;
    }

    public void Dispose() => Disconnect();

    private bool TryExchange(LoadTally tally)
    {
        var request = requests[(int)(_sent % (ulong)requests.Length)];
        request.StampTimestamps(TimeProvider.System.GetUtcNow().UtcDateTime);
        request.StampKey(run, ((ulong)number << 40) | _sent);
        _sent++;
        try
        {
            return Exchange(request, tally);
        }
        catch (SocketException failure)
        {
            tally.Refused(failure.SocketErrorCode.ToString(), failure.Message);
        }
        catch (IOException failure)
        {
            tally.Refused("ConnectionEnded", failure.Message);
        }

        Disconnect();
        return false;
    }

    private bool Exchange(PreparedRequest request, LoadTally tally)
    {
        var socket = _socket ??= Connect();
        for (var at = 0; at < request.Bytes.Length;)
            at += socket.Send(request.Bytes.AsSpan(at));
        var response = _reader.Read(target => socket.Receive(target));
        if (response.Closes)
            Disconnect();
        if (response.Status is < 200 or > 299)
        {
            tally.Refused(response.Status.ToString(), Encoding.UTF8.GetString(response.Body[..Math.Min(300, response.Body.Length)]));
            return false;
        }

        tally.Accepted(request.Events, request.Bytes.Length);
        if (StatesAnotherCount(response.Body, request.Events))
            tally.MiscountedAnswers++;
        return true;
    }

    private static bool StatesAnotherCount(ReadOnlySpan<byte> body, int events)
    {
        var at = body.IndexOf("\"accepted\":"u8);
        return at >= 0 && (!Utf8Parser.TryParse(body[(at + "\"accepted\":".Length)..], out int accepted, out _) || accepted != events);
    }

    private Socket Connect()
    {
        var socket = new Socket(SocketType.Stream, ProtocolType.Tcp)
        {
            NoDelay = true,
            ReceiveTimeout = (int)AnswerTimeout.TotalMilliseconds,
            SendTimeout = (int)AnswerTimeout.TotalMilliseconds,
        };
        socket.Connect(options.Url.Host, options.Url.Port);
        return socket;
    }

    private void Disconnect()
    {
        _socket?.Dispose();
        _socket = null;
    }
}
