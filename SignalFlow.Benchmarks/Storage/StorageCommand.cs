using System.CommandLine;

namespace SignalFlow.Benchmarks.Storage;

/// <summary>
/// The verb <c>storage</c>: what the API's questions, writing, history and retention cost over a month of posts, beside hand-written SQL on the
/// same data. The last line is one JSON object.
/// </summary>
internal static class StorageCommand
{
    public const string Verb = "storage";

    public static Task<int> RunAsync(string[] args)
    {
        var posts = new Option<int>("--posts") { Description = "Posts of 30 days.", DefaultValueFactory = _ => 1_000_000 };
        var history = new Option<int>("--history") { Description = "Their observations.", DefaultValueFactory = _ => 10_000_000 };
        var connection = new Option<string?>("--connection")
        {
            Description = "An empty database, or one that this verb has filled with the same numbers. Without it a private PostgreSQL is started and removed.",
        };
        posts.Validators.Add(result => Require(
            result.GetValueOrDefault<int>() is >= 10_000 and <= 10_000_000, "--posts must be between 10000 and 10000000.", result.AddError));
        history.Validators.Add(result => Require(
            result.GetValueOrDefault<int>() is >= 10_000 and <= 100_000_000, "--history must be between 10000 and 100000000.", result.AddError));
        var command = new RootCommand("Queries, writes, size and retention of the storage.") { posts, history, connection };
        command.SetAction(async (parsed, cancellationToken) =>
        {
            var run = new StorageRun(parsed.GetValue(posts), parsed.GetValue(history), Console.Out);
            var report = await run.RunAsync(parsed.GetValue(connection), cancellationToken);
            Console.WriteLine(report.ToJson());
        });
        return command.Parse(args).InvokeAsync();
    }

    private static void Require(bool isValid, string message, Action<string> addError)
    {
        if (!isValid)
            addError(message);
    }
}
