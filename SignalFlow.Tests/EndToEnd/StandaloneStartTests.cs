using System.Net;
using System.Net.Sockets;
using System.Runtime.InteropServices;
using System.Text.Json;
using System.Text.RegularExpressions;
using SignalFlow.Tests.Infrastructure;

namespace SignalFlow.Tests.EndToEnd;

[Collection(WholeProgram.Collection)]
public sealed partial class StandaloneStartTests
{
    [Fact]
    public async Task Says_where_it_is_and_answers_there()
    {
        await using var standalone = new StandaloneProcess();
        await standalone.StartAsync("--speed", "60");

        Assert.Contains("SignalFlow is running.", standalone.Output, StringComparison.Ordinal);
        Assert.Contains($"  Data    {standalone.DataFolder}", standalone.Output, StringComparison.Ordinal);
        Assert.Contains("no Reddit credentials are set", standalone.Output, StringComparison.Ordinal);
        await Eventually.TrueAsync(async () => (await GetJsonAsync(standalone, "/api/posts/")).GetProperty("results").GetArrayLength() > 0);

        foreach (var path in (string[])["/health", "/health/", "/alive", "/api/posts", "/api/posts/", "/api/stats/", "/metrics", "/"])
            Assert.Equal((path, HttpStatusCode.OK), (path, await StatusAsync(standalone, path)));
        Assert.Equal(HttpStatusCode.NotFound, await StatusAsync(standalone, "/no-such-page"));

        var metrics = await standalone.HttpClient.GetStringAsync("/metrics", TestContext.Current.CancellationToken);
        Assert.Matches(@"(?m)^reddit_processor_messages_total\{[^}]*topic=""raw""[^}]*\} [1-9]", metrics);
        Assert.Matches(@"(?m)^signalflow_ingest_requests_total\{[^}]*outcome=""ok""[^}]*\} [1-9]", metrics);
        // As soon as they are counted.
        await Eventually.TrueAsync(async () =>
            (await GetJsonAsync(standalone, "/api/stats/")).GetProperty("overview").GetProperty("total_posts").GetInt64() > 0);
        Assert.Empty(standalone.Errors);
    }

    [Theory]
    [InlineData(PosixSignal.SIGTERM)]
    [InlineData(PosixSignal.SIGINT)]
    public async Task Stops_in_full_flow_and_takes_its_servers_along(PosixSignal signal)
    {
        await using var standalone = new StandaloneProcess();
        await standalone.StartAsync("--speed", "60");
        await Eventually.TrueAsync(async () => await standalone.CountAsync("SELECT count(*) FROM posts") > 0);
        var postmaster = standalone.Postmaster;
        Assert.NotNull(postmaster);
        Assert.True(standalone.IsRunning(postmaster));

        Assert.Equal(0, await standalone.StopAsync(signal));

        Assert.Null(standalone.Postmaster);
        Assert.False(standalone.IsRunning(postmaster));
        Assert.Empty(standalone.Errors);
    }

    [Fact]
    public async Task Refuses_a_port_that_another_program_has()
    {
        using var other = new TcpListener(IPAddress.Loopback, 0);
        other.Start();
        var port = ((IPEndPoint)other.LocalEndpoint).Port;

        await AssertRefusesAsync($"Port {port} is taken", "--port", $"{port}");
    }

    [Fact]
    public Task Refuses_a_corpus_that_is_not_there() =>
        AssertRefusesAsync("/no/such/corpus.jsonl", "--port", "0", "--corpus", "/no/such/corpus.jsonl");

    [Fact]
    public Task Refuses_a_value_beyond_the_options_limits() => AssertRefusesAsync("--speed must be between 1 and 600, not 601.", "--speed", "601");

    [Fact]
    public async Task Refuses_a_replica_of_the_embedded_database()
    {
        await using var standalone = new StandaloneProcess { Variables = { ["ConnectionStrings__signalflow-replica"] = "Host=localhost" } };

        await AssertRefusesAsync(standalone, "ConnectionStrings:signalflow-replica needs ConnectionStrings:signalflow", "--port", "0");
    }

    [Fact]
    public async Task Refuses_a_data_folder_that_cannot_be_written()
    {
        await using var standalone = new StandaloneProcess();
        // Below a file: not even root can make a folder there.
        standalone.DataFolder = Path.Combine(standalone.WriteFile("file", []), "data");

        await AssertRefusesAsync(standalone, "--data", "--port", "0");
    }

    [Fact]
    public async Task Counts_the_lines_of_a_corpus_that_are_not_posts()
    {
        await using var standalone = new StandaloneProcess();
        var corpus = standalone.WriteFile("corpus.jsonl",
        [
            """{"id":"aa1","subreddit":"alpha","title":"One"}""",
            "not json",
            """{"id":"aa2","subreddit":"alpha"}""",
            """{"id":"aa3","subreddit":"alpha","title":"Cut""",
            "",
            """{"id":"aa4","subreddit":"alpha","title":"Two"}""",
        ]);

        await standalone.StartAsync("--corpus", corpus, "--speed", "600");

        Assert.Contains($"2 posts of {corpus}, 3 unreadable lines skipped", standalone.Output, StringComparison.Ordinal);
        await Eventually.TrueAsync(async () => await standalone.CountAsync("SELECT count(*) FROM posts") == 2);
    }

    private static async Task AssertRefusesAsync(string saying, params string[] arguments)
    {
        await using var standalone = new StandaloneProcess();
        await AssertRefusesAsync(standalone, saying, arguments);
    }

    private static async Task AssertRefusesAsync(StandaloneProcess standalone, string saying, params string[] arguments)
    {
        Assert.NotEqual(0, await standalone.RunToEndAsync(arguments));

        Assert.Contains(saying, standalone.Errors, StringComparison.Ordinal);
        Assert.Single(standalone.Errors.Split('\n', StringSplitOptions.RemoveEmptyEntries));
        Assert.DoesNotMatch(StackFrame(), standalone.Errors + standalone.Output);
        Assert.Null(standalone.Postmaster);
    }

    private static async Task<HttpStatusCode> StatusAsync(StandaloneProcess standalone, string path)
    {
        using var answer = await standalone.HttpClient.GetAsync(path, TestContext.Current.CancellationToken);
        return answer.StatusCode;
    }

    private static async Task<JsonElement> GetJsonAsync(StandaloneProcess standalone, string path)
    {
        using var json = JsonDocument.Parse(await standalone.HttpClient.GetByteArrayAsync(path, TestContext.Current.CancellationToken));
        return json.RootElement.Clone();
    }

    [GeneratedRegex(@"(?m)^\s+at \S+\(")]
    private static partial Regex StackFrame();
}
