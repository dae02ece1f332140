namespace Akka.Ingest.Stores.Tests.PostgreSql;

using Akka.Ingest.Storage;
using Akka.Ingest.Stores.Sql.PostgreSql;
using Akka.Ingest.Testing;
using Microsoft.Extensions.Logging.Abstractions;

public sealed class PostgreSqlLogStoreTests : LogStoreSpec
{
    private string _database = "";

    protected override ILogStore CreateStore() =>
        new PostgreSqlLogStore(new PostgreSqlStoreSettings(_database), TimeProvider.System, NullLogger<PostgreSqlLogStore>.Instance);

    public override async Task InitializeAsync()
    {
        _database = await (await PrivatePostgres.SharedAsync()).NewDatabaseAsync();
        await base.InitializeAsync();
    }
}
