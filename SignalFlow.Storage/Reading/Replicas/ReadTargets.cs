using System.Diagnostics.Metrics;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;
using Npgsql;
using NpgsqlTypes;

namespace SignalFlow.Storage.Reading.Replicas;

/// <summary>A server that reads can go to.</summary>
internal sealed record ReadTarget(string Kind, NpgsqlDataSource DataSource)
{
    public const string PrimaryKind = "primary";
    public const string ReplicaKind = "replica";
}

/// <summary>The primary and its replicas. Choosing one looks at what the monitor has found and asks no server.</summary>
internal sealed class ReadTargets : IAsyncDisposable
{
    // Until the monitor has looked again, for clocks of browsers, and for answers that take their time.
    private static readonly TimeSpan Margin = TimeSpan.FromSeconds(10);

    private readonly bool _isBalanced;
    private uint _turn;
    private volatile bool _primaryAnswers = true;

    public ReadTargets(
        [FromKeyedServices(StorageExtensions.ReadingKey)] NpgsqlDataSource primary,
        IConfiguration configuration,
        IOptions<ReplicaOptions> options,
        IMeterFactory meters,
        ILoggerFactory logging)
    {
        var replicas = configuration.GetConnectionString(StorageExtensions.ReplicaConnectionName)!;
        var primaryString = configuration.GetConnectionString(StorageExtensions.ConnectionName)!;
        _isBalanced = ReplicaSettings.AreBalanced(replicas);
        Primary = new(ReadTarget.PrimaryKind, primary);
        Replicas = [.. ReplicaSettings.Of(replicas, primaryString).Select((settings, index) => new ReadReplica(index + 1, settings, logging))];
        Metrics = new(meters, Replicas);
        PositionLifetime = options.Value.MaxReplicaLag + Margin;
    }

    public ReadTarget Primary { get; }

    public IReadOnlyList<ReadReplica> Replicas { get; }

    public ReplicaMetrics Metrics { get; }

    /// <summary>As of the monitor's last look.</summary>
    public bool PrimaryAnswers
    {
        get => _primaryAnswers;
        set => _primaryAnswers = value;
    }

    /// <summary>After this time every replica that is read from has replayed what was written before: the limit of the lag sees to that.</summary>
    public TimeSpan PositionLifetime { get; }

    /// <param name="position">What the read must see; null: anything within the limit of the lag.</param>
    public ReadTarget Choose(NpgsqlLogSequenceNumber? position)
    {
        var first = _isBalanced ? (int)(Interlocked.Increment(ref _turn) % (uint)Replicas.Count) : 0;
        for (var i = 0; i < Replicas.Count; i++)
        {
            if (Replicas[(first + i) % Replicas.Count] is var replica && replica.Serves(position))
                return replica.Target;
        }

        return Primary;
    }

    public async ValueTask DisposeAsync()
    {
        foreach (var replica in Replicas)
            await replica.DisposeAsync();
    }
}
