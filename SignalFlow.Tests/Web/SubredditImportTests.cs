using System.Text;
using Bunit;
using Microsoft.AspNetCore.Components;
using Microsoft.JSInterop;
using SignalFlow.Contracts;
using SignalFlow.Web.Components.Admin;

namespace SignalFlow.Tests.Web;

public sealed class SubredditImportTests : AdminContext
{
    private const string Path = "POST /api/admin/subreddits/import";

    private int _imported;

    [Fact]
    public void Lines_are_checked_first_and_the_refused_ones_come_first()
    {
        Choose("name\nrust\n!");
        Answer(dryRun: true, [new(2, "rust", "added", null, null), new(3, "!", "refused", "name", "name must be 2 to 50 letters.")]);
        var import = RenderImport();
        Part(import, "csv-check").Click();

        import.WaitForAssertion(() => Assert.Equal(["refused", "added"], Results(import)));
        Assert.Contains("name must be 2 to 50 letters.", Text(import.FindAll("[data-testid=import-line]")[0]), StringComparison.Ordinal);
        Assert.Equal("Would be added: 1, changed: 0, unchanged: 0, refused: 1", Text(import.Find("caption")));
        Assert.Equal("Checked; nothing is changed yet.", Text(Part(import, "import-done")));
        Assert.Equal("Import 1, leave out 1 refused", Text(Part(import, "csv-import")));
        Assert.Equal("name\nrust\n!", Assert.Single(Api.Changes).Body);
        Assert.Equal(0, _imported);
    }

    [Fact]
    public void What_was_checked_is_imported_without_the_refused_lines()
    {
        Choose("name\nrust\n!");
        Answer(dryRun: true, [new(2, "rust", "added", null, null), new(3, "!", "refused", "name", "No.")]);
        Api.On(
            Path + "?dry_run=false&partial=true", ContractsJsonContext.Default.SubredditImportReport,
            () => Report(false, [new(2, "rust", "added", null, null)]));
        var import = RenderImport();
        Part(import, "csv-check").Click();
        import.WaitForElement("[data-testid=csv-import]").Click();

        import.WaitForAssertion(() => Assert.Equal("Imported.", Text(Part(import, "import-done"))));
        Assert.Equal("name\nrust\n!", Api.Changes[1].Body);
        Assert.StartsWith("Were added: 1", Text(import.Find("caption")), StringComparison.Ordinal);
        Assert.Empty(import.FindAll("[data-testid=csv-import]"));
        Assert.Equal(1, _imported);
        Browser.VerifyInvoke("clear");
    }

    [Fact]
    public void A_file_without_anything_to_do_offers_nothing()
    {
        Choose("name\nrust");
        Answer(dryRun: true, [new(2, "rust", "unchanged", null, null)]);
        var import = RenderImport();
        Part(import, "csv-check").Click();

        import.WaitForAssertion(() => Assert.Equal(["unchanged"], Results(import)));
        Assert.Empty(import.FindAll("[data-testid=csv-import]"));
    }

    [Fact]
    public void A_file_that_cannot_be_read_says_why()
    {
        Choose("rust");
        Api.Refuse(Path + "?dry_run=true&partial=false", "file", "The first line must name the columns, and one must be name.");
        var import = RenderImport();
        Part(import, "csv-check").Click();

        import.WaitForAssertion(() => Assert.Equal("The first line must name the columns, and one must be name.", Text(Part(import, "problem"))));
    }

    [Theory]
    [InlineData(0, "There is nothing to check: write some lines, or choose a file.")]
    [InlineData(600_000, "The file has 600 kB; 512 KiB is the most.")]
    public void Nothing_and_too_much_do_not_go_to_the_api(long size, string words)
    {
        Browser.Setup<long>("size", _ => true).SetResult(size);
        var import = RenderImport();
        Part(import, "csv-check").Click();

        Assert.Equal(words, Text(Part(import, "problem")));
        Assert.Empty(Api.Changes);
    }

    private IRenderedComponent<SubredditImport> RenderImport() => Render<SubredditImport>(parameters => parameters.Add(
        island => island.OnImported, EventCallback.Factory.Create(this, () => _imported++)));

    private void Choose(string csv)
    {
        var bytes = Encoding.UTF8.GetBytes(csv);
        Browser.Setup<long>("size", _ => true).SetResult(bytes.Length);
        Browser.Setup<IJSStreamReference>("content", _ => true).SetResult(new Content(bytes));
        Browser.SetupVoid("clear", _ => true).SetVoidResult();
    }

    private void Answer(bool dryRun, IReadOnlyList<SubredditImportLine> lines) => Api.On(
        Path + "?dry_run=true&partial=false", ContractsJsonContext.Default.SubredditImportReport, () => Report(dryRun, lines));

    private static SubredditImportReport Report(bool dryRun, IReadOnlyList<SubredditImportLine> lines) => new()
    {
        Applied = !dryRun,
        DryRun = dryRun,
        Added = lines.Count(line => line.Result == "added"),
        Changed = 0,
        Unchanged = lines.Count(line => line.Result == "unchanged"),
        Refused = lines.Count(line => line.Result == "refused"),
        Lines = lines,
    };

    private static string[] Results(IRenderedComponent<SubredditImport> import) =>
        [.. import.FindAll("[data-testid=import-line]").Select(line => line.GetAttribute("data-result")!)];

    /// <summary>What the browser would send.</summary>
    private sealed class Content(byte[] bytes) : IJSStreamReference
    {
        public long Length => bytes.Length;

        public ValueTask<Stream> OpenReadStreamAsync(long maxAllowedSize = 512_000, CancellationToken cancellationToken = default) =>
            new(new MemoryStream(bytes, writable: false));

        public ValueTask<TValue> InvokeAsync<TValue>(string identifier, object?[]? args) => throw new NotSupportedException();

#pragma warning disable CA1068 // The order is the interface's.
        public ValueTask<TValue> InvokeAsync<TValue>(string identifier, CancellationToken cancellationToken, object?[]? args) =>
            throw new NotSupportedException();
#pragma warning restore CA1068

        public ValueTask DisposeAsync() => ValueTask.CompletedTask;
    }
}
