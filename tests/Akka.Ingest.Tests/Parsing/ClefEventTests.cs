namespace Akka.Ingest.Tests.Parsing;

using Akka.Ingest.Model;
using Akka.Ingest.Parsing;
using Xunit;

public class ClefEventTests
{
    [Fact]
    public void Clef_names_become_fields_and_everything_else_a_property()
    {
        var e = Decoded.Event(
            """{"@t":"2017-04-20T04:24:47.0251719Z","@mt":"Loop {N}","@m":"Loop 1","@l":"WaRNiNg","@x":"boom","@tr":"not hex","@sp":"b","N":1,"@i":7,"@r":["1"],"@st":"x","@@t":"own","SourceContext":"A.B"}""",
            EventFormat.Clef);
        Assert.Equal("2017-04-20T04:24:47.0251719Z", e.Timestamp);
        Assert.Equal(Severity.Warning, e.Severity);
        Assert.Equal("Loop {N}", e.Template);
        Assert.Equal("Loop 1", e.Message);
        Assert.Equal("boom", e.Exception);
        Assert.Equal("not hex", e.TraceId);
        Assert.Equal("b", e.SpanId);
        Assert.Equal("A.B", e.Category);
        Assert.Equal("""{"N":1,"@i":7,"@r":["1"],"@st":"x","@t":"own","SourceContext":"A.B"}""", e.Properties);
    }

    [Fact]
    public void An_event_of_properties_alone_is_taken_as_seq_does()
    {
        var e = Decoded.Event("""{"Counter":1}""", EventFormat.SeqRaw);
        Assert.Equal("""{"Counter":1}""", e.Properties);
        Assert.Equal("2026-11-24T08:00:00.1234560Z", e.Timestamp);
        Assert.Null(Decoded.Event("{}", EventFormat.Clef).Properties);
    }

    [Fact]
    public void A_time_without_offset_is_taken_as_utc()
    {
        Assert.Equal("2026-01-01T00:00:00.5Z", Decoded.Event("""{"@t":"2026-01-01T00:00:00.5"}""", EventFormat.Clef).Timestamp);
    }

    [Theory]
    [InlineData("")]
    [InlineData(" \r\n\n")]
    [InlineData("\uFEFF")]
    public void An_empty_body_is_a_success(string body)
    {
        Assert.Empty(Decoded.Events(body, EventFormat.Clef));
        Assert.Empty(Decoded.Events(body, EventFormat.SeqRaw));
    }

    [Fact]
    public void Lines_may_end_in_any_way_and_be_blank()
    {
        var body = "\uFEFF{\"@t\":\"2026-01-01T00:00:00Z\",\"@m\":\"1\"}\r\n\n  \t\r\n {\"@m\" : \"2\" , \"@t\":\"2026-01-01T00:00:00Z\"} \n{\"@m\":\"3\"}";
        Assert.Equal(["1", "2", "3"], Decoded.Events(body, EventFormat.SeqRaw).Select(e => e.Message));
    }

    [Theory]
    [InlineData("""{"Events":[{"Timestamp":"2026-01-01T00:00:00.0000000+02:00","Level":"Error","MessageTemplate":"a {B}","Exception":"x","Properties":{"B":1,"SourceContext":"S\u0021"},"TraceId":"t","SpanId":"s","Renderings":{"B":[]}}]}""")]
    [InlineData("\uFEFF\n{ \"events\" :\n[{\"timestamp\":\"2025-12-31T22:00:00.0000000\",\"level\":\"err\",\"messageTemplate\":\"a {B}\",\"exception\":\"x\",\"Renderings\":{\"B\":[]},\"properties\":{\"B\":1,\"SourceContext\":\"S\\u0021\"},\"traceId\":\"t\",\"spanId\":\"s\"}]}\n")]
    public void The_older_seq_form_is_told_by_its_form(string body)
    {
        var e = Decoded.Event(body, EventFormat.SeqRaw);
        Assert.Equal("2025-12-31T22:00:00.0000000Z", e.Timestamp);
        Assert.Equal(Severity.Error, e.Severity);
        Assert.Equal("a {B}", e.Template);
        Assert.Equal("x", e.Exception);
        Assert.Equal("t", e.TraceId);
        Assert.Equal("s", e.SpanId);
        Assert.Equal("S!", e.Category);
        Assert.Equal("""{"Renderings":{"B":[]},"B":1,"SourceContext":"S\u0021"}""", e.Properties);
    }

    [Fact]
    public void Bad_events_of_the_older_form_are_rejected_one_by_one()
    {
        var events = Decoded.Events(
            """{"Events":[{"Timestamp":"?","MessageTemplate":"1"},{"MessageTemplate":"2"},7]}""", EventFormat.SeqRaw, InvalidEvents.DeadLetter);
        Assert.Equal([true, false, true], events.Select(e => e.IsRejected));
        Assert.Equal("bad-timestamp", events[0].Category);
        Assert.Equal("not-an-object", events[2].Category);
    }

    [Fact]
    public void A_line_of_clef_is_one_event_or_none()
    {
        var body = "{\"@m\":\"1\"}{\"@m\":\"2\"}\n{\"@m\":\"3\"} x\n{\"@m\":\"4\"}";
        var events = Decoded.Events(body, EventFormat.Clef, InvalidEvents.DeadLetter);
        Assert.Equal([true, true, false], events.Select(e => e.IsRejected));
    }

    [Fact]
    public void Bytes_that_are_no_utf8_spoil_their_line_only()
    {
        byte[] body = [.. "{\"@m\":\"a\"}\n{\"@m\":\""u8, 0xFF, .. "\"}\n{\"@m\":\"c\"}"u8];
        var outcome = Decoded.Parser().Parse(EventFormat.Clef, body, Decoded.ReceivedAt, InvalidEvents.DeadLetter);
        using var block = outcome.Block!;
        var events = Decoded.Read(block);
        Assert.Equal([false, true, false], events.Select(e => e.IsRejected));
        Assert.Equal("invalid-utf8", events[1].Category);
        Assert.Equal("{\"@m\":\"\uFFFD\"}", events[1].Message);
        Assert.Equal(2, Decoded.Parser().Parse(EventFormat.Clef, body, Decoded.ReceivedAt, InvalidEvents.Refuse).Error!.Details![0].Line);
    }
}
