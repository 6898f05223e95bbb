using Confluent.Kafka;

namespace SignalFlow.ServiceDefaults;

/// <summary>Section <c>Kafka</c>: how to reach the cluster of <c>ConnectionStrings:kafka</c> and how topics are made.</summary>
public sealed class KafkaOptions
{
    public const string Section = "Kafka";

    private static readonly TimeSpan LongestHeartbeat = TimeSpan.FromSeconds(3);

    public SecurityProtocol SecurityProtocol { get; set; } = SecurityProtocol.Plaintext;
    public SaslMechanism? SaslMechanism { get; set; }
    public string? SaslUsername { get; set; }
    public string? SaslPassword { get; set; }
    public string? SslCaLocation { get; set; }

    /// <summary>How long a producer waits to fill a batch.</summary>
    public TimeSpan Linger { get; set; } = TimeSpan.FromMilliseconds(10);

    /// <summary>Partitions of a topic that is created at start; raw and refresh always get the same number.</summary>
    public int Partitions { get; set; } = 3;

    /// <summary>
    /// How long a consumer may be silent before its group gives its partitions to others: after a crash they wait that long. Brokers accept
    /// 6 s and more unless configured otherwise.
    /// </summary>
    public TimeSpan SessionTimeout { get; set; } = TimeSpan.FromSeconds(45);

    /// <summary>Several heartbeats may be lost within a session.</summary>
    internal TimeSpan HeartbeatInterval => SessionTimeout / 12 < LongestHeartbeat ? SessionTimeout / 12 : LongestHeartbeat;

    internal IEnumerable<string> Validate()
    {
        if (Linger < TimeSpan.Zero || Linger > TimeSpan.FromSeconds(10))
            yield return $"{Section}:Linger is {Linger}; it must be between 0 and 10 seconds.";
        if (Partitions is < 1 or > 1000)
            yield return $"{Section}:Partitions is {Partitions}; it must be between 1 and 1000.";
        if (SessionTimeout < TimeSpan.FromSeconds(1) || SessionTimeout > TimeSpan.FromMinutes(5))
            yield return $"{Section}:SessionTimeout is {SessionTimeout}; it must be between 1 second and 5 minutes.";

        var sasl = SecurityProtocol is SecurityProtocol.SaslPlaintext or SecurityProtocol.SaslSsl;
        if (sasl && SaslMechanism is null)
            yield return $"{Section}:SaslMechanism must be set when {Section}:SecurityProtocol is {SecurityProtocol}.";
        if (sasl && (string.IsNullOrEmpty(SaslUsername) || string.IsNullOrEmpty(SaslPassword)))
            yield return $"{Section}:SaslUsername and {Section}:SaslPassword must be set when {Section}:SecurityProtocol is {SecurityProtocol}.";
    }

    internal void Apply(ClientConfig config)
    {
        config.SecurityProtocol = SecurityProtocol;
        config.SaslMechanism = SaslMechanism;
        config.SaslUsername = SaslUsername;
        config.SaslPassword = SaslPassword;
        config.SslCaLocation = SslCaLocation;
    }
}
