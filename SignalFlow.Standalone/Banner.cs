using System.Text;

namespace SignalFlow.Standalone;

/// <summary>The few lines a newcomer needs.</summary>
internal static class Banner
{
    public static void Print(int port, StandaloneOptions options, SimulatedRedditServer? reddit)
    {
        var url = $"http://localhost:{port}";
        var text = new StringBuilder()
            .AppendLine()
            .AppendLine("SignalFlow is running.")
            .AppendLine($"  UI      {url}")
            .AppendLine($"  API     {url}/api/posts/  live ws://localhost:{port}/ws/posts/  health /health  metrics /metrics")
            .AppendLine($"  Reddit  {Source(options, reddit)}")
            .AppendLine($"  Data    {options.DataFolder}")
            .AppendLine("  Stop    Ctrl+C");
        Console.Out.WriteLine(text);
    }

    private static string Source(StandaloneOptions options, SimulatedRedditServer? reddit)
    {
        if (reddit is null)
            return "the real one, with the configured credentials";

        var world = options.Corpus is null
            ? $"simulated, made-up posts (seed {options.Seed})"
            : $"simulated, {reddit.Simulated.CorpusPosts:N0} posts of {options.Corpus}";
        var skipped = reddit.Simulated.SkippedLines > 0 ? $", {reddit.Simulated.SkippedLines:N0} unreadable lines skipped" : "";
        return $"{world}{skipped}, {options.Speed}x speed: no Reddit credentials are set";
    }
}
