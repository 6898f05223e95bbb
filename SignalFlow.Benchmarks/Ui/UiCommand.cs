using System.CommandLine;

namespace SignalFlow.Benchmarks.Ui;

/// <summary>
/// The verb <c>ui</c>: the UI with circuits on the feed and one real browser while posts change, what that costs, and how long a commit takes to be seen.
/// The last line is one JSON object.
/// </summary>
internal static class UiCommand
{
    public const string Verb = "ui";

    public static Task<int> RunAsync(string[] args)
    {
        var circuits = new Option<int>("--circuits") { Description = "Beside the browser's.", DefaultValueFactory = _ => 200 };
        var posts = new Option<int>("--updates") { Description = "Posts that change every second, in five transactions.", DefaultValueFactory = _ => 50 };
        var seconds = new Option<int>("--seconds") { Description = "Length of the measurement.", DefaultValueFactory = _ => 60 };
        var command = new RootCommand("The UI under load.") { circuits, posts, seconds };
        command.SetAction(async (parsed, cancellationToken) =>
        {
            var run = new UiRun(parsed.GetValue(circuits), parsed.GetValue(posts), parsed.GetValue(seconds), Console.Out);
            Console.WriteLine((await run.RunAsync(cancellationToken)).ToJson());
        });
        return command.Parse(args).InvokeAsync();
    }
}
