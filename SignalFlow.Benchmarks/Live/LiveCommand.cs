using System.CommandLine;

namespace SignalFlow.Benchmarks.Live;

/// <summary>
/// The verb <c>live</c>: thousands of live clients, some of them deaf, and how long an update takes from its commit to them. The last line is one JSON object.
/// </summary>
internal static class LiveCommand
{
    public const string Verb = "live";

    public static Task<int> RunAsync(string[] args)
    {
        var clients =
            new Option<int>("--clients") { Description = "Half of them WebSocket and JSON, half SignalR and MessagePack.", DefaultValueFactory = _ => 5_000 };
        var idle = new Option<int>("--deaf") { Description = "Clients of the second measurement that never read.", DefaultValueFactory = _ => 100 };
        var posts = new Option<int>("--posts") { Description = "Posts that change every second, in one transaction.", DefaultValueFactory = _ => 50 };
        var seconds = new Option<int>("--seconds") { Description = "Length of each measurement.", DefaultValueFactory = _ => 30 };
        var command = new RootCommand("Live clients.") { clients, idle, posts, seconds };
        command.SetAction(async (parsed, cancellationToken) =>
        {
            var run = new LiveRun(parsed.GetValue(clients), parsed.GetValue(idle), parsed.GetValue(posts), parsed.GetValue(seconds), Console.Out);
            Console.WriteLine((await run.RunAsync(cancellationToken)).ToJson());
        });
        return command.Parse(args).InvokeAsync();
    }
}
