using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.Options;
using Npgsql;

namespace SignalFlow.Storage.Reading.Replicas;

/// <summary>Section <c>Storage</c>, and with it the connection string of the replicas.</summary>
internal sealed class ReplicaOptions
{
    public const string Section = "Storage";

    // The monitor looks once a second and remembers a quarter of an hour.
    private static readonly TimeSpan Smallest = TimeSpan.FromSeconds(2);
    private static readonly TimeSpan Largest = TimeSpan.FromMinutes(10);

    /// <summary>How far a replica may be behind the primary and still be read from.</summary>
    public TimeSpan MaxReplicaLag { get; set; } = TimeSpan.FromSeconds(10);

    internal sealed class Validator(IConfiguration configuration) : IValidateOptions<ReplicaOptions>
    {
        private const string Key = $"ConnectionStrings:{StorageExtensions.ReplicaConnectionName}";

        public ValidateOptionsResult Validate(string? name, ReplicaOptions options)
        {
            var failures = new ValidateOptionsResultBuilder();
            if (options.MaxReplicaLag < Smallest || options.MaxReplicaLag > Largest)
                failures.AddError($"{Section}:MaxReplicaLag is {options.MaxReplicaLag}; it must be between {Smallest} and {Largest}.");
            if (configuration.GetConnectionString(StorageExtensions.ReplicaConnectionName) is { Length: > 0 } replicas)
                ValidateConnectionString(replicas, failures);
            return failures.Build();
        }

        private void ValidateConnectionString(string value, ValidateOptionsResultBuilder failures)
        {
            NpgsqlConnectionStringBuilder replicas;
            try
            {
                replicas = new(value);
            }
            catch (ArgumentException exception)
            {
                failures.AddError($"{Key} is not a connection string: {exception.Message}");
                return;
            }

            if (string.IsNullOrWhiteSpace(replicas.Host))
                failures.AddError($"{Key} names no host.");
            // Of another database the replica would answer, with other posts.
            if (Primary() is { } primary && Database(primary) is var expected && Database(replicas) is var actual && actual != expected)
                failures.AddError($"{Key} names the database '{actual}', ConnectionStrings:{StorageExtensions.ConnectionName} '{expected}'; a replica has the same.");
        }

        private NpgsqlConnectionStringBuilder? Primary()
        {
            try
            {
                return configuration.GetConnectionString(StorageExtensions.ConnectionName) is { Length: > 0 } value ? new(value) : null;
            }
            catch (ArgumentException)
            {
                // Its own validation says so.
                return null;
            }
        }

        private static string? Database(NpgsqlConnectionStringBuilder settings) => settings.Database ?? settings.Username;
    }
}
