namespace Akka.Ingest.Tests.Http;

using System.IO.Compression;
using System.Net;
using System.Net.Sockets;
using System.Text;
using Xunit;

public sealed class BodyTests
{
    private const string Native = "/api/v1.0/logs";
    private const string Small = "{\"message\":\"a\"}\n{\"message\":\"b\"}\n";

    public static TheoryData<string, string> Codings => new()
    {
        { "gzip", "gzip" }, { "x-gzip", "gzip" }, { "GZIP", "gzip" }, { "br", "br" }, { "deflate", "zlib" }, { "deflate", "raw" }, { "zstd", "zstd" }, { "identity", "identity" },
    };

    [Theory]
    [MemberData(nameof(Codings))]
    public async Task Every_coding_is_decoded(string name, string method)
    {
        await using var host = await IngestHost.StartAsync();
        using var response = await host.PostAsync(Native, Compress(method, Encoding.UTF8.GetBytes(Small)), headers: ("Content-Encoding", name));
        Assert.Equal(HttpStatusCode.OK, response.StatusCode);
        Assert.Equal(2, Assert.Single(host.Queue.Appends).Events);
        Assert.Equal(0, host.Budget.UsedBytes);
    }

    [Theory]
    [InlineData("compress")]
    [InlineData("gzip, gzip")]
    [InlineData("gzip, br")]
    public async Task Other_codings_and_several_at_once_are_415(string name)
    {
        await using var host = await IngestHost.StartAsync();
        using var response = await host.PostAsync(Native, Small, headers: ("Content-Encoding", name));
        Assert.Equal(HttpStatusCode.UnsupportedMediaType, response.StatusCode);
        Assert.Contains("zstd", await response.Content.ReadAsStringAsync(), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("gzip", "gzip")]
    [InlineData("br", "br")]
    [InlineData("deflate", "zlib")]
    [InlineData("deflate", "raw")]
    [InlineData("zstd", "zstd")]
    public async Task A_compressed_body_that_was_cut_is_400_and_nothing_is_kept(string name, string method)
    {
        var whole = Compress(method, Encoding.UTF8.GetBytes(string.Concat(Enumerable.Range(0, 2_000).Select(n => $"{{\"message\":\"{n * 7919}\"}}\n"))));
        await using var host = await IngestHost.StartAsync();
        foreach (var missing in new[] { 1, 4, whole.Length / 2 })
        {
            using var response = await host.PostAsync(Native, whole[..^missing], headers: ("Content-Encoding", name));
            Assert.Equal(HttpStatusCode.BadRequest, response.StatusCode);
        }

        Assert.Empty(host.Queue.Appends);
    }

    [Theory]
    [InlineData("gzip")]
    [InlineData("br")]
    [InlineData("deflate")]
    [InlineData("zstd")]
    public async Task A_body_that_is_not_what_its_coding_says_is_400(string name)
    {
        await using var host = await IngestHost.StartAsync();
        using var response = await host.PostAsync(Native, Small, headers: ("Content-Encoding", name));
        Assert.Equal(HttpStatusCode.BadRequest, response.StatusCode);
        Assert.Equal(0, host.Budget.UsedBytes);
    }

    [Theory]
    [InlineData("gzip", "gzip")]
    [InlineData("br", "br")]
    [InlineData("deflate", "zlib")]
    [InlineData("zstd", "zstd")]
    public async Task A_compressed_bomb_is_refused_while_it_expands(string name, string method)
    {
        await using var host = await IngestHost.StartAsync("Storage:IngestionPipeline:MaxPayloadBytes=100000", "Storage:IngestionPipeline:MaxInFlightBytes=1048576");
        var bomb = Compress(method, new byte[100_000_000]);

        using var response = await host.PostAsync(Native, bomb, headers: ("Content-Encoding", name));

        Assert.Equal(HttpStatusCode.RequestEntityTooLarge, response.StatusCode);
        Assert.Contains("MaxPayloadBytes", await response.Content.ReadAsStringAsync(), StringComparison.Ordinal);
        Assert.Equal(0, host.Budget.UsedBytes);
    }

    [Theory]
    [InlineData("identity", 2_000, HttpStatusCode.OK)]
    [InlineData("identity", 2_001, HttpStatusCode.RequestEntityTooLarge)]
    [InlineData("gzip", 2_000, HttpStatusCode.OK)]
    [InlineData("gzip", 2_001, HttpStatusCode.RequestEntityTooLarge)]
    [InlineData("chunked", 2_000, HttpStatusCode.OK)]
    [InlineData("chunked", 2_001, HttpStatusCode.RequestEntityTooLarge)]
    public async Task The_limit_is_met_to_the_byte(string way, int size, HttpStatusCode expected)
    {
        await using var host = await IngestHost.StartAsync("Storage:IngestionPipeline:MaxPayloadBytes=2000");
        var body = Encoding.UTF8.GetBytes($$"""{"message":"{{new string('a', size - 14)}}"}""");
        Assert.Equal(size, body.Length);

        using var response = way switch
        {
            "gzip" => await host.PostAsync(Native, Compress("gzip", body), headers: ("Content-Encoding", "gzip")),
            "chunked" => await host.SendAsync(Native, new ChunkedContent(body, pieces: 3), "application/json"),
            _ => await host.PostAsync(Native, body),
        };

        Assert.Equal(expected, response.StatusCode);
    }

    [Fact]
    public async Task A_chunked_body_of_many_megabytes_arrives_whole()
    {
        await using var host = await IngestHost.StartAsync();
        var body = Encoding.UTF8.GetBytes(string.Concat(Enumerable.Range(0, 12_000).Select(n => $"{{\"message\":\"{n:D990}\"}}\n")));

        using var response = await host.SendAsync(Native, new ChunkedContent(body, pieces: 700), "application/x-ndjson");

        Assert.Equal(HttpStatusCode.OK, response.StatusCode);
        Assert.Equal(12_000, Assert.Single(host.Queue.Appends).Events);
        Assert.Equal(0, host.Budget.UsedBytes);
    }

    [Fact]
    public async Task Expect_100_continue_is_answered_before_the_body_is_sent()
    {
        await using var host = await IngestHost.StartAsync();
        using var client = new TcpClient();
        await client.ConnectAsync(host.Address.Host, host.Address.Port);
        var stream = client.GetStream();
        await stream.WriteAsync("POST /api/v1.0/logs HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\nContent-Length: 15\r\nExpect: 100-continue\r\nConnection: close\r\n\r\n"u8.ToArray());
        using var reader = new StreamReader(stream, Encoding.ASCII);

        Assert.Equal("HTTP/1.1 100 Continue", await reader.ReadLineAsync());
        await stream.WriteAsync("""{"message":"a"}"""u8.ToArray());

        Assert.Contains("HTTP/1.1 200 OK", await reader.ReadToEndAsync(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_stranger_is_refused_before_the_body_is_asked_for()
    {
        await using var host = await IngestHost.StartAsync("ApiKeys:0:Id=app", "ApiKeys:0:Key=k1");
        using var client = new TcpClient();
        await client.ConnectAsync(host.Address.Host, host.Address.Port);
        var stream = client.GetStream();
        await stream.WriteAsync("POST /api/v1.0/logs HTTP/1.1\r\nHost: localhost\r\nContent-Length: 15\r\nExpect: 100-continue\r\n\r\n"u8.ToArray());
        using var reader = new StreamReader(stream, Encoding.ASCII);

        Assert.Equal("HTTP/1.1 401 Unauthorized", await reader.ReadLineAsync());
    }

    private static byte[] Compress(string method, byte[] data)
    {
        var target = new MemoryStream();
        using (Stream stream = method switch
        {
            "gzip" => new GZipStream(target, CompressionLevel.Optimal),
            "br" => new BrotliStream(target, CompressionLevel.Fastest),
            "zlib" => new ZLibStream(target, CompressionLevel.Optimal),
            "raw" => new DeflateStream(target, CompressionLevel.Optimal),
            "zstd" => new ZstdSharp.CompressionStream(target),
            _ => target,
        })
            stream.Write(data);
        return target.ToArray();
    }

    private sealed class ChunkedContent(byte[] body, int pieces) : HttpContent
    {
        protected override async Task SerializeToStreamAsync(Stream stream, TransportContext? context)
        {
            foreach (var piece in body.Chunk((body.Length / pieces) + 1))
            {
                await stream.WriteAsync(piece);
                await stream.FlushAsync();
            }
        }

        protected override bool TryComputeLength(out long length)
        {
            length = 0;
            return false;
        }
    }
}
