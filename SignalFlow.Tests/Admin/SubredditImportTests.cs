using System.Net.Http.Headers;
using System.Text;
using System.Text.Json;
using SignalFlow.Contracts;
using SignalFlow.Tests.Api;
using SignalFlow.Tests.Infrastructure;

namespace SignalFlow.Tests.Admin;

public sealed class SubredditImportTests(PostgresFixture postgres)
{
    private const string Address = "/api/admin/subreddits/import";

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Each_line_is_reported_and_a_dry_run_reports_the_same_and_changes_nothing()
    {
        await using var api = await StartAsync();
        const string File = "name,tier,interval_seconds,active\nrust,fast,30,true\nGolang,slow,,false\npython,medium,,\n";

        var dry = await ImportAsync(api, File, "?dry_run=true");
        Assert.Equal(["(golang,slow,120,t)", "(python,medium,,t)"], await RowsAsync(api));
        var real = await ImportAsync(api, File);
        var again = await ImportAsync(api, File);

        Assert.Equal((false, true), (dry.Applied, dry.DryRun));
        Assert.Equal(["2 rust added", "3 Golang changed", "4 python unchanged"], Lines(dry));
        Assert.Equal(Lines(dry), Lines(real));
        Assert.Equal((true, 1, 1, 1, 0), (real.Applied, real.Added, real.Changed, real.Unchanged, real.Refused));
        Assert.Equal((0, 0, 3), (again.Added, again.Changed, again.Unchanged));
        Assert.Equal(["(golang,slow,,f)", "(python,medium,,t)", "(rust,fast,30,t)"], await RowsAsync(api));
        Assert.Equal(
            ["subreddit.add subreddit:rust", "subreddit.change subreddit:golang"],
            await api.Database.TextsAsync("SELECT action || ' ' || target FROM audit_log WHERE action LIKE 'subreddit.%' ORDER BY id"));
    }

    [Fact]
    public async Task A_refused_line_keeps_all_from_being_applied_unless_partial_is_asked_for()
    {
        await using var api = await StartAsync();
        const string File =
            "name,tier,interval_seconds,active\nrust,fast,30,true\nx,fast,,\nok_1,hourly,,\nok_2,fast,9,\nok_3,fast,,maybe\nRUST,slow,,\nshort\n\"open,fast,,\n";

        using var response = await SendAsync(api, new StringContent(File, Encoding.UTF8, "text/csv"));
        var problem = await response.Content.ReadFromJsonAsync<JsonElement>(Cancel);

        Assert.Equal((422, "application/problem+json"), ((int)response.StatusCode, response.Content.Headers.ContentType?.MediaType));
        var report = problem.GetProperty("report").Deserialize(ContractsJsonContext.Default.SubredditImportReport)!;
        Assert.Equal(
            [
                "2 rust added ", "3 x refused name", "4 ok_1 refused tier", "5 ok_2 refused interval_seconds", "6 ok_3 refused active",
                "7 RUST refused name", "8  refused ", "9  refused "
            ],
            report.Lines.Select(line => $"{line.Line} {line.Name} {line.Result} {line.Field}"));
        Assert.False(report.Applied);
        Assert.All(report.Lines.Where(line => line.Result == "refused"), line => Assert.NotNull(line.Reason));
        Assert.Equal(2, (await RowsAsync(api)).Count);

        var partial = await ImportAsync(api, File, "?partial=true");
        Assert.Equal((true, 1, 7), (partial.Applied, partial.Added, partial.Refused));
        Assert.Contains("(rust,fast,30,t)", await RowsAsync(api));
    }

    [Theory]
    [InlineData("\uFEFFname,priority\r\nrust,fast\r\n")]
    [InlineData("\"Name\" , \"Tier\"\r\n\"rust\" , fast\r\n\r\n")]
    [InlineData("tier,name\nFAST,rust")]
    public async Task Byte_order_marks_line_endings_quotes_and_orders_of_columns_all_work(string file)
    {
        await using var api = await StartAsync();

        await ImportAsync(api, file);

        Assert.Contains("(rust,fast,,t)", await RowsAsync(api));
    }

    [Fact]
    public async Task A_column_that_is_not_there_asks_for_nothing()
    {
        await using var api = await StartAsync();

        await ImportAsync(api, "name,active\ngolang,false\n");

        Assert.Equal(["(golang,slow,120,f)", "(python,medium,,t)"], await RowsAsync(api));
    }

    [Fact]
    public async Task A_form_with_a_file_is_read_too()
    {
        await using var api = await StartAsync();
        using var form = new MultipartFormDataContent { { new StringContent("name\nrust\n", Encoding.UTF8, "text/csv"), "file", "subreddits.csv" } };

        using var response = await SendAsync(api, form);

        Assert.Equal(200, (int)response.StatusCode);
        Assert.Contains("(rust,medium,,t)", await RowsAsync(api));
    }

    [Fact]
    public async Task What_is_no_such_file_is_refused_as_a_whole()
    {
        await using var api = await StartAsync();

        Assert.Equal((400, "file"), await RefusedAsync(Csv("")));
        Assert.Equal((400, "file"), await RefusedAsync(Csv("tier\nfast")));
        Assert.Equal((400, "file"), await RefusedAsync(Csv("name,colour\nrust,red")));
        Assert.Equal((400, "file"), await RefusedAsync(Csv("name,tier,priority\nrust,fast,slow")));
        Assert.Equal((400, "file"), await RefusedAsync(new ByteArrayContent([.. "name\n"u8, 0xFF, 0xFE]) { Headers = { ContentType = new("text/csv") } }));
        Assert.Equal((400, "file"), await RefusedAsync(Csv("name\n" + string.Concat(Enumerable.Range(0, 5_001).Select(n => $"sub{n}\n")))));
        Assert.Equal((415, ""), await RefusedAsync(new StringContent("name\nrust", Encoding.UTF8, "text/plain")));
        Assert.Equal((413, ""), await RefusedAsync(Csv("name\n" + new string('x', 600 << 10))));
        Assert.Equal(2, (await RowsAsync(api)).Count);

        static StringContent Csv(string text) => new(text, Encoding.UTF8, "text/csv");

        async Task<(int, string)> RefusedAsync(HttpContent content)
        {
            using var response = await SendAsync(api, content);
            var problem = await response.Content.ReadFromJsonAsync<JsonElement>(Cancel);
            return ((int)response.StatusCode, problem.TryGetProperty("errors", out var errors)
                ? string.Join(',', errors.EnumerateObject().Select(error => error.Name))
                : "");
        }
    }

    private async Task<ApiApplication> StartAsync()
    {
        var api = await ApiApplication.StartAsync(postgres, signedInAs: "admin");
        await api.Database.ExecuteAsync("""
            DELETE FROM subreddit_config;
            INSERT INTO subreddit_config (name, priority, interval_seconds) VALUES ('golang', 'slow', 120), ('python', 'medium', NULL)
            """);
        return api;
    }

    private static async Task<HttpResponseMessage> SendAsync(ApiApplication api, HttpContent content, string query = "")
    {
        using (content)
            return await api.Client.PostAsync(Address + query, content, Cancel);
    }

    private static async Task<SubredditImportReport> ImportAsync(ApiApplication api, string file, string query = "")
    {
        using var response = await SendAsync(
            api, new ByteArrayContent(Encoding.UTF8.GetBytes(file)) { Headers = { ContentType = new MediaTypeHeaderValue("text/csv") } }, query);
        Assert.True(response.IsSuccessStatusCode, await response.Content.ReadAsStringAsync(Cancel));
        return (await response.Content.ReadFromJsonAsync(ContractsJsonContext.Default.SubredditImportReport, Cancel))!;
    }

    private static IEnumerable<string> Lines(SubredditImportReport report) => report.Lines.Select(line => $"{line.Line} {line.Name} {line.Result}");

    private static Task<IReadOnlyList<string>> RowsAsync(ApiApplication api) =>
        api.Database.RowsAsync("SELECT name, priority, interval_seconds, is_active FROM subreddit_config ORDER BY lower(name)");
}
