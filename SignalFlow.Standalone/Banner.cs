using System.Text;
using Npgsql;

namespace SignalFlow.Standalone;

/// <summary>The few lines a newcomer needs.</summary>
internal static class Banner
{
    public static void Print(StandalonePlan plan, StandaloneOptions options, SimulatedRedditServer? reddit, string? adminPassword)
    {
        var url = $"http://localhost:{plan.Port}";
        var text = new StringBuilder()
            .AppendLine()
            .AppendLine("SignalFlow is running.")
            .AppendLine($"  UI      {url}")
            .AppendLine($"  API     {url}/api/posts/  live ws://localhost:{plan.Port}/ws/posts/  health /health  metrics /metrics")
            .AppendLine($"  Admin   {Admin(plan, adminPassword)}")
            .AppendLine($"  Reddit  {Source(options, reddit)}")
            .AppendLine($"  Data    {Data(plan, options)}")
            .AppendLine("  Stop    Ctrl+C");
        Console.Out.WriteLine(text);
    }

    private static string Admin(StandalonePlan plan, string? adminPassword) => (adminPassword, plan.AdminPassword) switch
    {
        ({ } password, _) => $"admin / {password}",
        (_, not null) => "as set up, at the first start with SIGNALFLOW_ADMIN_PASSWORD",
        _ => "as set up: the first password has been changed",
    };

    private static string Data(StandalonePlan plan, StandaloneOptions options)
    {
        var data = options.DataFolder;
        if (plan.Database is not null)
        {
            var database = new NpgsqlConnectionStringBuilder(plan.Database);
            data = $"database {database.Database} on {database.Host}:{database.Port} (ConnectionStrings:signalflow)";
        }

        // Their connection strings may hold passwords.
        return data
            + (plan.Replica is null ? "" : ", replica of ConnectionStrings:signalflow-replica")
            + (plan.Kafka is null ? "" : ", Kafka of ConnectionStrings:kafka")
            + (plan.Redis is null ? "" : ", Redis of ConnectionStrings:redis");
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
