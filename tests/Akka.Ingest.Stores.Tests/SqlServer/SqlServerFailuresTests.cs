namespace Akka.Ingest.Stores.Tests.SqlServer;

using Akka.Ingest.Storage;
using Akka.Ingest.Stores.Sql.SqlServer;
using Microsoft.Data.SqlClient;
using Xunit;

public sealed class SqlServerFailuresTests
{
    [Theory]
    [InlineData(2627)] // violated key
    [InlineData(2601)] // violated unique index
    [InlineData(547)] // violated constraint
    [InlineData(515)] // null where none may be
    [InlineData(8152)] // text cut off, before 2019
    [InlineData(2628)] // text cut off
    [InlineData(245)] // conversion
    [InlineData(8114)] // conversion of a type
    [InlineData(8115)] // overflow
    [InlineData(220)] // overflow of a small type
    [InlineData(511)] // row too large
    [InlineData(1946)] // index entry too large
    [InlineData(4815)] // bulk copy: column too long
    public void What_is_said_about_the_data_is_permanent(int number) =>
        Assert.Equal(StoreFailureKind.Permanent, SqlServerFailures.KindOf(number));

    [Theory]
    [InlineData(40501)]
    [InlineData(49918)]
    [InlineData(49919)]
    [InlineData(49920)]
    [InlineData(10928)]
    [InlineData(10929)]
    [InlineData(701)] // out of memory
    [InlineData(1204)] // out of locks
    public void A_server_under_load_asks_to_slow_down(int number) =>
        Assert.Equal(StoreFailureKind.Throttled, SqlServerFailures.KindOf(number));

    [Theory]
    [InlineData(1205)] // deadlock
    [InlineData(1222)] // lock timeout
    [InlineData(-2)] // command timeout
    [InlineData(-1)] // connection
    [InlineData(53)] // host not found
    [InlineData(121)]
    [InlineData(233)]
    [InlineData(10053)]
    [InlineData(10054)]
    [InlineData(10060)]
    [InlineData(18456)] // login
    [InlineData(4060)] // database away
    [InlineData(40613)]
    [InlineData(40197)]
    [InlineData(9002)] // log full
    [InlineData(1105)] // file group full
    [InlineData(208)] // a table is missing
    [InlineData(207)] // a column is missing
    [InlineData(50010)]
    [InlineData(3960)] // snapshot conflict
    [InlineData(123456)] // not known
    public void Every_other_error_may_pass(int number) =>
        Assert.Equal(StoreFailureKind.Transient, SqlServerFailures.KindOf(number));

    [Fact]
    public void The_code_names_the_engine_and_its_number()
    {
        var failure = SqlServerFailures.Of(1205, "chosen as the victim", typeof(SqlException));

        Assert.Equal(("sqlserver:1205", StoreFailureKind.Transient), (failure.Code, failure.Kind));
        Assert.Equal("Microsoft.Data.SqlClient.SqlException", failure.ExceptionType);
    }

    [Fact]
    public async Task A_server_that_is_not_there_is_transient_at_the_start_and_tells_no_secret()
    {
        // Port 1 of this machine: refused at once.
        var settings = new SqlServerStoreSettings("Server=tcp:127.0.0.1,1;Database=logs;User Id=app;Password=hunter2;Connect Timeout=1;Encrypt=false");
        await using var store = new SqlServerLogStore(settings, TimeProvider.System, Microsoft.Extensions.Logging.Abstractions.NullLogger<SqlServerLogStore>.Instance);

        var failure = (await Assert.ThrowsAsync<StoreException>(() => store.InitializeAsync(CancellationToken.None))).Failure;
        Assert.Equal(StoreFailureKind.Transient, failure.Kind);
        Assert.DoesNotContain("hunter2", failure.Detail, StringComparison.Ordinal);
        await Assert.ThrowsAsync<StoreException>(() => store.PingAsync(CancellationToken.None));
    }

    [Fact]
    public void A_connection_string_that_is_none_is_refused_without_quoting_it()
    {
        var refusal = Assert.Throws<StoreException>(() => new SqlServerDatabase(new SqlServerStoreSettings("Server=x;Hunter2=1")));

        Assert.Equal((StoreFailureKind.Permanent, "sqlserver:connection-string"), (refusal.Failure.Kind, refusal.Failure.Code));
        Assert.DoesNotContain("Hunter2", refusal.Message, StringComparison.OrdinalIgnoreCase);
    }
}
