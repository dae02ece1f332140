namespace Akka.Ingest.Tests.Hosting;

using System.Diagnostics;
using Akka.Ingest.Hosting;
using Microsoft.Extensions.Options;
using Xunit;

public sealed class DataFolderLeaseTests : IDisposable
{
    private readonly string _folder = Path.Combine(Path.GetTempPath(), "akka-ingest-tests", Guid.NewGuid().ToString("N"));

    [Fact]
    public void A_second_writer_is_told_process_and_host_and_ends_with_75()
    {
        using var first = Lease();
        using var second = Lease();
        first.Take();

        var exception = Assert.Throws<LeaseHeldException>(second.Take);

        var failure = StartFailure.Of(exception);
        Assert.Equal(75, failure!.ExitCode);
        Assert.Contains($"process {Environment.ProcessId} on host {Environment.MachineName}", Assert.Single(failure.Messages), StringComparison.Ordinal);
        Assert.Equal((true, false), (first.IsHeld, second.IsHeld));
    }

    [Fact]
    public void A_lease_given_back_is_taken_at_once()
    {
        using var first = Lease();
        using var second = Lease();
        first.Take();
        first.Dispose();

        second.Take();

        Assert.Equal((false, true), (first.IsHeld, second.IsHeld));
    }

    [Fact]
    public async Task What_a_crashed_process_left_behind_holds_nobody_up()
    {
        Directory.CreateDirectory(_folder);
        await File.WriteAllTextAsync(Path.Combine(_folder, DataFolderLease.LockName), "");
        await File.WriteAllTextAsync(Path.Combine(_folder, DataFolderLease.HolderName), """{"pid":1,"host":"gone","startedAt":"2026-01-01T00:00:00Z"}""");
        using var lease = Lease();

        lease.Take();

        Assert.True(lease.IsHeld);
        Assert.Contains($"{Environment.ProcessId}", await File.ReadAllTextAsync(Path.Combine(_folder, DataFolderLease.HolderName)), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_process_that_was_killed_gives_its_lease_back()
    {
        if (!OperatingSystem.IsLinux())
            return;
        Directory.CreateDirectory(_folder);
        using var holder = Process.Start(new ProcessStartInfo("flock", ["--no-fork", Path.Combine(_folder, DataFolderLease.LockName), "sleep", "60"]))!;
        using var lease = Lease();
        try
        {
            // flock(1) takes the lock a moment after it was started.
            while (TryTake(lease))
                lease.Dispose();
        }
        finally
        {
            holder.Kill();
            await holder.WaitForExitAsync();
        }

        Assert.True(TryTake(lease));
    }

    [Fact]
    public async Task A_folder_that_cannot_be_made_is_a_wrong_setting()
    {
        await File.WriteAllTextAsync(Path.Combine(Directory.CreateDirectory(_folder).FullName, "file"), "");
        using var lease = Lease(Path.Combine(_folder, "file", "data"));
        var exception = Assert.Throws<SettingsException>(lease.Take);
        Assert.Equal("Storage:Path", Assert.Single(exception.Mistakes).Key);
    }

    [Fact]
    public void With_databases_for_store_and_journal_no_lease_is_needed()
    {
        Directory.CreateDirectory(_folder);
        using var lease = new DataFolderLease(
            Options.Create(new StorageOptions { Path = _folder, Provider = StorageProvider.PostgreSql }),
            Options.Create(new SpoolOptions { Provider = SpoolProvider.PostgreSql }));
        lease.Take();
        Assert.True(lease.IsHeld);
        Assert.Empty(Directory.GetFiles(_folder));
    }

    public void Dispose()
    {
        if (Directory.Exists(_folder))
            Directory.Delete(_folder, recursive: true);
    }

    [Theory]
    [InlineData(StorageProvider.Sqlite)]
    [InlineData(StorageProvider.File)]
    [InlineData(StorageProvider.Segmented)]
    public void Every_store_in_a_folder_takes_one_writer(StorageProvider provider)
    {
        DataFolderLease Of() => new(
            Options.Create(new StorageOptions { Path = _folder, Provider = provider }), Options.Create(new SpoolOptions { Provider = SpoolProvider.PostgreSql }));
        using var first = Of();
        using var second = Of();
        first.Take();
        Assert.Throws<LeaseHeldException>(second.Take);
    }

    [Fact]
    public void The_record_names_host_process_and_start_of_the_process_and_goes_with_the_lease()
    {
        using var lease = Lease();
        lease.Take();
        var owner = LeaseOwner.Read(RecordPath);
        Assert.NotNull(owner);
        Assert.Equal((Environment.ProcessId, Environment.MachineName), (owner.ProcessId, owner.Host));
        using var self = Process.GetCurrentProcess();
        Assert.InRange((owner.StartedAt - self.StartTime.ToUniversalTime()).Duration(), TimeSpan.Zero, TimeSpan.FromSeconds(2));
        Assert.False(owner.HasEnded());

        lease.Dispose();
        Assert.False(File.Exists(RecordPath));
    }

    [Fact]
    public void A_record_of_a_dead_owner_is_not_shown_as_a_living_one()
    {
        using var first = Lease();
        first.Take();
        using var dead = Process.Start(new ProcessStartInfo("sleep", ["0"]))!;
        dead.WaitForExit();
        new LeaseOwner(dead.Id, Environment.MachineName, TimeProvider.System.GetUtcNow().UtcDateTime).Write(RecordPath);
        using var second = Lease();

        var message = Assert.Throws<LeaseHeldException>(second.Take).Message;

        Assert.Contains("has not left its name yet", message, StringComparison.Ordinal);
        Assert.Contains($"process {dead.Id} on host {Environment.MachineName}", message, StringComparison.Ordinal);
        Assert.Contains("has ended", message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_later_process_with_the_same_number_is_not_the_owner_and_other_hosts_are_believed()
    {
        var self = LeaseOwner.Self();
        Assert.True((self with { StartedAt = self.StartedAt.AddHours(-1) }).HasEnded());
        Assert.False((self with { StartedAt = self.StartedAt.AddHours(-1), Host = "elsewhere" }).HasEnded());
    }

    [Theory]
    [InlineData("")]
    [InlineData("{}")]
    [InlineData("{\"pid\":\"x\",\"host\":1}")]
    public void A_record_that_is_none_only_makes_the_message_poorer(string content)
    {
        using var first = Lease();
        first.Take();
        File.WriteAllText(RecordPath, content);
        using var second = Lease();
        Assert.Contains("a process that left no name", Assert.Throws<LeaseHeldException>(second.Take).Message, StringComparison.Ordinal);
    }

    private string RecordPath => Path.Combine(_folder, DataFolderLease.HolderName);

    private DataFolderLease Lease(string? folder = null) =>
        new(Options.Create(new StorageOptions { Path = folder ?? _folder }), Options.Create(new SpoolOptions()));

    private static bool TryTake(DataFolderLease lease)
    {
        try
        {
            lease.Take();
            return true;
        }
        catch (LeaseHeldException)
        {
            return false;
        }
    }
}
