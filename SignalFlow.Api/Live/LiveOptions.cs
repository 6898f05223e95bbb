using Microsoft.Extensions.Options;

namespace SignalFlow.Api.Live;

/// <summary>Section <c>Api:Live</c>.</summary>
internal sealed class LiveOptions
{
    public const string Section = "Api:Live";

    /// <summary>A client gets at most one message of updates in this time; the first after a pause goes out at once.</summary>
    public TimeSpan Interval { get; set; } = TimeSpan.FromMilliseconds(250);

    /// <summary>A sign of life after so long without anything else to say.</summary>
    public TimeSpan Heartbeat { get; set; } = TimeSpan.FromSeconds(15);

    /// <summary>How often Redis is asked whether something was missed.</summary>
    public TimeSpan PollInterval { get; set; } = TimeSpan.FromMilliseconds(500);

    /// <summary>A client that takes nothing of a message for so long is closed.</summary>
    public TimeSpan SlowClientTimeout { get; set; } = TimeSpan.FromSeconds(30);

    /// <summary>States that wait for a client that does not keep up; beyond it the oldest are passed over, and the client is told.</summary>
    public int MaxPendingPosts { get; set; } = 1_000;

    public int MaxConnections { get; set; } = 10_000;
    public int MaxConnectionsPerUser { get; set; } = 100;
    public int MaxConnectionsPerAddress { get; set; } = 200;

    internal sealed class Validator : IValidateOptions<LiveOptions>
    {
        public ValidateOptionsResult Validate(string? name, LiveOptions options)
        {
            var failures = new ValidateOptionsResultBuilder();
            Between(nameof(Interval), options.Interval, TimeSpan.FromMilliseconds(10), TimeSpan.FromSeconds(10));
            Between(nameof(Heartbeat), options.Heartbeat, TimeSpan.FromSeconds(1), TimeSpan.FromMinutes(5));
            Between(nameof(PollInterval), options.PollInterval, TimeSpan.FromMilliseconds(50), TimeSpan.FromSeconds(30));
            Between(nameof(SlowClientTimeout), options.SlowClientTimeout, TimeSpan.FromSeconds(1), TimeSpan.FromMinutes(10));
            Between(nameof(MaxPendingPosts), options.MaxPendingPosts, 1, 10_000);
            Between(nameof(MaxConnections), options.MaxConnections, 0, 1_000_000);
            Between(nameof(MaxConnectionsPerUser), options.MaxConnectionsPerUser, 1, 1_000_000);
            Between(nameof(MaxConnectionsPerAddress), options.MaxConnectionsPerAddress, 1, 1_000_000);
            return failures.Build();

            void Between<T>(string key, T value, T least, T most)
                where T : IComparable<T>
            {
                if (value.CompareTo(least) < 0 || value.CompareTo(most) > 0)
                    failures.AddError($"{Section}:{key} is {value}; it must be between {least} and {most}.");
            }
        }
    }
}
