namespace SignalFlow.Standalone;

/// <summary>What the command line asks for.</summary>
internal sealed record StandaloneOptions
{
    public const int DefaultPort = 8080;

    /// <summary>UI and API; 0: any free port.</summary>
    public required int Port { get; init; }

    public required string DataFolder { get; init; }

    /// <summary>Delete what an earlier run stored.</summary>
    public required bool Fresh { get; init; }

    /// <summary>A file of posts to replay instead of made-up ones.</summary>
    public required string? Corpus { get; init; }

    /// <summary>Posts of the corpus per simulated second.</summary>
    public required double Rate { get; init; }

    /// <summary>How many times faster than real the simulated world runs, 1 to 600.</summary>
    public required int Speed { get; init; }

    public required int Seed { get; init; }
}

/// <summary>Standalone cannot run like this; the message is one sentence for whoever started it.</summary>
internal sealed class StandaloneException(string message, Exception? inner = null) : Exception(message, inner);
