using Microsoft.AspNetCore.Components;
using Microsoft.JSInterop;
using SignalFlow.Contracts;
using SignalFlow.Web.Components.Feed;

namespace SignalFlow.Web.Components.Admin;

/// <summary>Adds and changes many subreddits: first checked, then imported as it was checked.</summary>
public sealed partial class SubredditImport : IAsyncDisposable
{
    // The API takes no more.
    private const int MaxBytes = 512 << 10;

    private const string Example = "name,tier,interval_seconds\nrust,fast,60\ngolang,medium,";

    private ElementReference _text;
    private ElementReference _files;
    private IJSObjectReference? _browser;
    private byte[]? _csv;
    private SubredditImportReport? _report;

    /// <summary>Something was changed.</summary>
    [Parameter, EditorRequired]
    public required EventCallback OnImported { get; set; }

    [Inject] internal IJSRuntime JS { get; set; } = null!;

    public async ValueTask DisposeAsync()
    {
        Dispose();
        try
        {
            if (_browser is not null)
                await _browser.DisposeAsync();
        }
        catch (JSDisconnectedException)
        {
            // The browser has gone.
        }
    }

    protected override Task ReadAsync() => Task.CompletedTask;

    private async Task CheckAsync()
    {
        if (IsBusy)
            return;
        (_report, _csv) = (null, null);
        _browser ??= await JS.InvokeAsync<IJSObjectReference>("import", "./" + Assets["admin.js"]);
        var size = await _browser.InvokeAsync<long>("size", _files, _text);
        if (size is 0 or > MaxBytes)
        {
            ChangeProblem = RequestProblem.At(
                "file",
                size == 0
                    ? "There is nothing to check: write some lines, or choose a file."
                    : $"The file has {Figures.Bytes(size)}; 512 KiB is the most.");
            return;
        }

        await ChangeAsync(
            async () =>
            {
                _csv = await ContentAsync();
                _report = await Api.ImportSubredditsAsync(_csv, dryRun: true, partial: false, Closing);
            },
            () => "Checked; nothing is changed yet.");
    }

    private async Task<byte[]> ContentAsync()
    {
        await using var content = await _browser!.InvokeAsync<IJSStreamReference>("content", _files, _text);
        await using var stream = await content.OpenReadStreamAsync(MaxBytes, Closing);
        using var bytes = new MemoryStream();
        await stream.CopyToAsync(bytes, Closing);
        return bytes.ToArray();
    }

    private async Task ImportAsync()
    {
        if (_csv is not { } csv || _report is not { } seen)
            return;
        // The refused lines were shown, and the button has said that they are left out.
        if (!await ChangeAsync(async () => _report = await Api.ImportSubredditsAsync(csv, dryRun: false, seen.Refused > 0, Closing), () => "Imported."))
            return;
        _csv = null;
        await _browser!.InvokeVoidAsync("clear", _files, _text);
        await OnImported.InvokeAsync();
    }

    private static string ImportLabel(SubredditImportReport report) => report.Refused == 0
        ? $"Import {Figures.Exact(report.Added + report.Changed)}"
        : $"Import {Figures.Exact(report.Added + report.Changed)}, leave out {Figures.Exact(report.Refused)} refused";
}
