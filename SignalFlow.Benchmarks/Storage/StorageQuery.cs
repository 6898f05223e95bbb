using System.Text.Json;

namespace SignalFlow.Benchmarks.Storage;

/// <summary>One question, to the API and to PostgreSQL.</summary>
internal sealed record StorageQuery
{
    public required string Name { get; init; }

    /// <summary>Milliseconds that the 95th percentile may take; null: no bar.</summary>
    public double? Bar { get; init; }

    /// <summary>The answer by hand; its first column are the <see cref="Keys"/>.</summary>
    public required string Sql { get; init; }

    /// <summary>Asked in turn.</summary>
    public required IReadOnlyList<QueryVariant> Variants { get; init; }

    /// <summary>What tells the answer's rows, in the order of <see cref="Sql"/>.</summary>
    public required Func<JsonElement, IEnumerable<string>> Keys { get; init; }

    /// <summary>The API keeps its answers for a while: they must go before every request.</summary>
    public bool IsCached { get; init; }
}

/// <summary>One way to ask it.</summary>
/// <param name="Path">Of the request.</param>
/// <param name="Parameters">Of the statement.</param>
internal sealed record QueryVariant(string Path, object[] Parameters);
