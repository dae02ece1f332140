namespace Akka.Ingest.LoadTest.Load;

using System.Globalization;
using System.Text;

/// <summary>
/// Events as a shop's services would log them: about 280 bytes of native JSON, varied enough to compress like real logs
/// (the run measures and states the ratio). The same seed gives the same events.
/// </summary>
internal sealed class MadeUpEvents(int seed)
{
    /// <summary>Stands in each event; a load writes the time of sending over it.</summary>
    public const string TimestampPlaceholder = "2000-01-01T00:00:00.0000000Z";

    private readonly Random _random = new(seed);
    private readonly StringBuilder _line = new();
    private string _traceId = "";
    private int _leftInTrace;

    private static readonly string[] Hosts = ["web-01", "web-02", "web-03", "web-04", "job-01", "job-02"];
    private static readonly string[] Regions = ["eu-west", "eu-north", "us-east", "ap-south"];
    private static readonly string[] Paths = ["/api/orders", "/api/orders/lines", "/api/basket", "/api/catalog/search", "/api/login", "/api/prices"];
    private static readonly string[] Users = ["anna", "bert", "chidi", "dora", "emre", "fatima", "goran", "hana", "ines", "juan", "kofi", "lena"];
    private static readonly string[] Tables = ["Orders", "OrderLines", "Customers", "Stock", "Prices", "Shipments"];
    private static readonly string[] Services = ["payment", "pricing", "mail", "stock", "geo"];

    private static readonly (string Source, string Category)[] Places =
    [
        ("web", "Shop.Web.Requests"), ("web", "Shop.Web.Basket"),
        ("orders", "Shop.Orders.Packing"), ("orders", "Shop.Orders.Sql"),
        ("stock", "Shop.Stock.Reservation"), ("mail", "Shop.Mail.SmtpSender"),
    ];

    /// <summary>One event as native JSON, without a line end.</summary>
    public string NextNative()
    {
        var (level, message, properties, place) = Next();
        _line.Clear();
        _line.Append(CultureInfo.InvariantCulture, $$"""{"timestamp":"{{TimestampPlaceholder}}","level":"{{level}}","message":"{{message}}","source":"{{place.Source}}",""");
        _line.Append(CultureInfo.InvariantCulture, $$"""
            "host":"{{Pick(Hosts)}}","category":"{{place.Category}}","traceId":"{{_traceId}}","properties":{
            """);
        _line.Append(properties).Append("}}");
        return _line.ToString();
    }

    /// <summary>One event as CLEF, without a line end.</summary>
    public string NextClef()
    {
        var (level, message, properties, place) = Next();
        _line.Clear();
        _line.Append(CultureInfo.InvariantCulture, $$"""{"@t":"{{TimestampPlaceholder}}","@l":"{{level}}","@m":"{{message}}","@tr":"{{_traceId}}",""");
        _line.Append(CultureInfo.InvariantCulture, $$"""
            "Application":"{{place.Source}}","MachineName":"{{Pick(Hosts)}}","SourceContext":"{{place.Category}}",
            """);
        _line.Append(properties).Append('}');
        return _line.ToString();
    }

    private (string Level, string Message, string Properties, (string Source, string Category) Place) Next()
    {
        if (_leftInTrace-- <= 0)
        {
            _traceId = Hex16() + Hex16();
            _leftInTrace = _random.Next(2);
        }

        var level = _random.Next(100) switch { < 70 => "Information", < 88 => "Debug", < 96 => "Warning", _ => "Error" };
        var order = 480_000 + _random.Next(90_000);
        var milliseconds = _random.Next(1, 400);
        return _random.Next(7) switch
        {
            0 or 1 => (level, $"GET {Pick(Paths, out var path)}/{order} responded 200 in {milliseconds} ms", $"\"Path\":\"{path}\",\"Ms\":{milliseconds},\"Ip\":\"10.{_random.Next(4)}.{_random.Next(256)}.{_random.Next(256)}\"", Places[0]),
            2 => (level, $"{Pick(Users, out var user)} put article {_random.Next(9_000)} into the basket", $"\"User\":\"{user}\",\"Items\":{_random.Next(1, 9)},\"Total\":{_random.Next(100, 50_000) / 100m}", Places[1]),
            3 => (level, $"Order {order} packed in {milliseconds} ms", $"\"OrderId\":{order},\"Region\":\"{Pick(Regions)}\",\"Kg\":{_random.Next(10, 9_999) / 100m}", Places[2]),
            4 => (level, $"Executed ({milliseconds}ms) SELECT * FROM {Pick(Tables, out var table)} WHERE Id = {order}", $"\"Table\":\"{table}\",\"Rows\":{_random.Next(50)}", Places[3]),
            5 => (level, $"Reserved {_random.Next(1, 20)} of article {_random.Next(9_000)}", $"\"OrderId\":{order},\"Shelf\":\"{(char)('A' + _random.Next(8))}{_random.Next(10, 40)}\"", Places[4]),
            _ => (level, $"Call of {Pick(Services, out var service)} took {milliseconds} ms", $"\"Service\":\"{service}\",\"User\":\"{Pick(Users)}\",\"Retry\":{_random.Next(4)}", Places[5]),
        };
    }

    private string Hex16() => _random.NextInt64(long.MinValue, long.MaxValue).ToString("x16", CultureInfo.InvariantCulture);

    private string Pick(string[] of) => of[_random.Next(of.Length)];

    private string Pick(string[] of, out string picked) => picked = Pick(of);
}
