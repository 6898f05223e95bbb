using SignalFlow.Embedded;
using SignalFlow.Embedded.Postgres;
using SignalFlow.Tests.Infrastructure;

namespace SignalFlow.Tests.Embedded;

public sealed class PostgresInstallationTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task Without_a_server_says_how_to_install_one_and_what_else_can_be_done()
    {
        var missing = await Assert.ThrowsAsync<EmbeddedServerMissingException>(() => StartAsync([Path.Combine(_folder.Path, "nowhere")]));

        Assert.Contains("install", missing.Message, StringComparison.Ordinal);
        Assert.Contains("ConnectionStrings:signalflow", missing.Message, StringComparison.Ordinal);
        Assert.Contains("SignalFlow.AppHost", missing.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Names_the_version_of_a_server_that_is_too_old()
    {
        var missing = await Assert.ThrowsAsync<EmbeddedServerMissingException>(() => StartAsync([FakeServer("old", "13.4")]));

        Assert.Contains("only version 13 is installed", missing.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Names_both_versions_when_the_cluster_was_made_by_another()
    {
        var cluster = Directory.CreateDirectory(Path.Combine(_folder.Path, "data", "cluster"));
        await File.WriteAllTextAsync(Path.Combine(cluster.FullName, "PG_VERSION"), "16\n", Cancellation);

        var missing = await Assert.ThrowsAsync<EmbeddedServerMissingException>(() => StartAsync([FakeServer("new", "18.1")]));

        Assert.Contains("made by PostgreSQL 16", missing.Message, StringComparison.Ordinal);
        Assert.Contains("version 18", missing.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Prefers_the_newest_server_for_a_new_cluster_and_the_maker_of_an_existing_one()
    {
        string[] path = [FakeServer("a", "15.3"), FakeServer("b", "17.0"), FakeServer("c", "16.9"), _folder.Path];
        var installed = await PostgresInstallation.FindAllAsync(path, Cancellation);
        using var folder = PostgresFolder.Open(Path.Combine(_folder.Path, "data"));

        Assert.Equal([17, 16, 15], installed.Select(installation => installation.MajorVersion));
        Assert.Equal(17, PostgresInstallation.Choose(installed, folder).MajorVersion);
        Directory.CreateDirectory(folder.ClusterFolder);
        await File.WriteAllTextAsync(Path.Combine(folder.ClusterFolder, "PG_VERSION"), "15\n", Cancellation);
        Assert.Equal(15, PostgresInstallation.Choose(installed, folder).MajorVersion);
    }

    [Fact]
    public async Task Follows_a_link_to_the_folder_that_holds_all_programs()
    {
        var real = FakeServer("real", "16.2");
        var links = Directory.CreateDirectory(Path.Combine(_folder.Path, "links")).FullName;
        File.CreateSymbolicLink(Path.Combine(links, "pg_ctl"), Path.Combine(real, "pg_ctl"));

        Assert.Equal(real, Assert.Single(await PostgresInstallation.FindAllAsync([links, real], Cancellation)).Folder);
    }

    [Theory]
    [InlineData("ID=debian", "apt-get install -y postgresql")]
    [InlineData("ID=ubuntu\nID_LIKE=debian", "apt-get install -y postgresql")]
    [InlineData("ID=fedora\nVERSION_ID=42", "dnf install -y postgresql-server")]
    [InlineData("ID=\"rocky\"\nID_LIKE=\"rhel centos fedora\"\nVERSION_ID=\"9.4\"", "dnf module enable -y postgresql:16 && dnf install -y postgresql-server")]
    [InlineData("ID=alpine\nVERSION_ID=3.22.0", "apk add postgresql")]
    [InlineData("ID=arch", "pacman -S postgresql")]
    [InlineData("ID=\"opensuse-leap\"\nID_LIKE=\"suse opensuse\"", "zypper install postgresql-server")]
    [InlineData("", "apt-get install -y postgresql")]
    public void Names_the_command_of_the_distribution(string osRelease, string command)
    {
        Assert.Equal(command, PostgresInstallAdvice.InstallCommand(osRelease, isRoot: true));
        Assert.StartsWith("sudo ", PostgresInstallAdvice.InstallCommand(osRelease, isRoot: false), StringComparison.Ordinal);
    }

    private Task<EmbeddedPostgres> StartAsync(IReadOnlyList<string> searchPath) => EmbeddedPostgres.StartAsync(
        new EmbeddedPostgresOptions { DataFolder = Path.Combine(_folder.Path, "data"), SearchPath = searchPath }, Cancellation);

    private string FakeServer(string name, string version)
    {
        Assert.SkipWhen(OperatingSystem.IsWindows(), "The stand-ins for the server's programs are shell scripts.");
        var bin = Directory.CreateDirectory(Path.Combine(_folder.Path, name)).FullName;
        foreach (var program in (string[])["postgres", "pg_ctl", "initdb"])
        {
            var file = Path.Combine(bin, program);
            File.WriteAllText(file, $"#!/bin/sh\necho 'postgres (PostgreSQL) {version}'\n");
            if (!OperatingSystem.IsWindows())
                File.SetUnixFileMode(file, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
        }

        return bin;
    }
}
