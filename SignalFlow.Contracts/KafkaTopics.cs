namespace SignalFlow.Contracts;

/// <summary>Names of the Kafka topics that SignalFlow's services exchange.</summary>
public static class KafkaTopics
{
    /// <summary>First observation of a post; key: post id.</summary>
    public const string Raw = "reddit.posts.raw";

    /// <summary>Later observations; key: post id; co-partitioned with <see cref="Raw"/>.</summary>
    public const string Refresh = "reddit.posts.refresh";

    /// <summary>Messages that could not be processed: original key, bytes and headers, plus the <see cref="DeadLetterHeaders"/>.</summary>
    public const string DeadLetter = "reddit.posts.dlq";
}
