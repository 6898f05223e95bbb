using System.CommandLine;

namespace SignalFlow.Benchmarks.Api;

/// <summary>
/// The verb <c>api</c>: requests a second and latencies of the API in a process of its own, loaded by wrk in another one. The last line is one JSON object.
/// </summary>
internal static class ApiCommand
{
    public const string Verb = "api";

    public static Task<int> RunAsync(string[] args)
    {
        var posts = new Option<int>("--posts") { Description = "Posts of 30 days.", DefaultValueFactory = _ => 100_000 };
        var seconds = new Option<int>("--seconds") { Description = "Length of each measurement.", DefaultValueFactory = _ => 10 };
        var connection = new Option<string?>("--connection")
        {
            Description = "An empty database, or one that the verbs have filled with the same numbers. Without it a private PostgreSQL is started and removed.",
        };
        posts.Validators.Add(result => Require(
            result.GetValueOrDefault<int>() is >= 10_000 and <= 10_000_000, "--posts must be between 10000 and 10000000.", result.AddError));
        seconds.Validators.Add(result => Require(result.GetValueOrDefault<int>() is >= 1 and <= 600, "--seconds must be between 1 and 600.", result.AddError));
        var command = new RootCommand("Load on the API; needs wrk (apt-get install wrk).") { posts, seconds, connection };
        command.SetAction(async (parsed, cancellationToken) =>
        {
            var run = new ApiRun(parsed.GetValue(posts), TimeSpan.FromSeconds(parsed.GetValue(seconds)), Console.Out);
            Console.WriteLine((await run.RunAsync(parsed.GetValue(connection), cancellationToken)).ToJson());
        });
        return command.Parse(args).InvokeAsync();
    }

    private static void Require(bool isValid, string message, Action<string> addError)
    {
        if (!isValid)
            addError(message);
    }
}
