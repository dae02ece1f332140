namespace Akka.Ingest.Tests.Spool;

using Akka.Ingest.Hosting;
using LinqToDB.Data;
using LinqToDB.Interceptors;
using Xunit;

public sealed class SpoolJournalTests : IDisposable
{
    private readonly SpoolFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void The_file_is_made_with_a_log_large_pages_and_room_to_shrink()
    {
        Journal(4).Initialize();
        Assert.Equal("wal", _folder.Scalar<string>("PRAGMA journal_mode"));
        Assert.Equal(2L, _folder.Scalar<long>("PRAGMA auto_vacuum"));
        Assert.Equal(SpoolJournal.PageSize, _folder.Scalar<long>("PRAGMA page_size"));
        Assert.Equal(4L, _folder.Scalar<long>("SELECT partitions FROM SpoolInfo"));
    }

    [Fact]
    public void Initialize_may_be_repeated()
    {
        Journal(4).Initialize();
        Journal(4).Initialize();
        Assert.Equal(1L, _folder.Scalar<long>("SELECT COUNT(*) FROM SpoolInfo"));
    }

    [Fact]
    public void Another_number_of_partitions_is_refused_with_a_text_that_says_what_to_do()
    {
        Journal(4).Initialize();
        var exception = Assert.Throws<SpoolConfigurationException>(() => Journal(8).Initialize());
        Assert.Contains("Storage:IngestionPipeline:Partitions is 8", exception.Message, StringComparison.Ordinal);
        Assert.Contains("made with 4", exception.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_newer_format_is_refused()
    {
        Journal(4).Initialize();
        _folder.Execute("UPDATE SpoolInfo SET format_version = 99");
        Assert.Contains("newer", Assert.Throws<SpoolConfigurationException>(() => Journal(4).Initialize()).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Every_connection_flushes_each_commit_also_one_that_comes_out_of_the_pool()
    {
        var journal = Journal(1);
        journal.Initialize();
        for (var i = 0; i < 3; i++)
        {
            using var db = new DataConnection(journal.Options);
            Assert.Equal(2, db.Execute<long>("PRAGMA synchronous"));
            // As if somebody had weakened the pooled connection.
            db.Execute("PRAGMA synchronous=OFF");
        }

    }

    [Fact]
    public async Task The_journal_plugin_opens_no_connection_past_the_settings()
    {
        // The plugin clones connections; what its own connections are like shows at the moment of the commit.
        await using var node = await SpoolNode.StartAsync(_folder);
        var before = SpoolConnectionSettings.Checked;
        await node.AppendOkAsync(1);
        Assert.True(SpoolConnectionSettings.Checked > before);
    }

    [Fact]
    public void A_connection_that_is_not_full_is_refused()
    {
        var settings = new SpoolConnectionSettings(1024 * 1024, 4_096) { Synchronous = "NORMAL" };
        using var connection = _folder.Open();
        var exception = Assert.Throws<InvalidOperationException>(() => settings.ConnectionOpened(default(ConnectionEventData), connection));
        Assert.Contains("FULL", exception.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Unused_space_is_given_back()
    {
        var journal = Journal(1);
        journal.Initialize();
        _folder.Execute("INSERT INTO journal (created, deleted, persistence_id, sequence_number, message) "
            + "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 100) SELECT 0, 0, 'x', i, zeroblob(1048576) FROM n");
        _folder.Execute("DELETE FROM journal");
        journal.GiveBackUnusedSpace();
        Assert.True(_folder.Scalar<long>("PRAGMA page_count") * SpoolJournal.PageSize < 70L * 1024 * 1024);
    }

    private SpoolJournal Journal(int partitions) => new(_folder.Path, partitions, TimeProvider.System);
}
