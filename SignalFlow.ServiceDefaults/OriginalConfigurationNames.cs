using System.Globalization;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.Configuration.Memory;
using Microsoft.Extensions.Hosting;

namespace SignalFlow.ServiceDefaults;

/// <summary>
/// Accepts the flat environment names of the original Python system (<c>REDDIT_CLIENT_ID</c>, <c>BATCH_SIZE</c> ...), so that an
/// existing <c>.env</c> works. They rank below every other source: a key of SignalFlow's own always wins.
/// </summary>
internal static class OriginalConfigurationNames
{
    // In order: of two names of one key the later wins.
    private static readonly (string Name, string Key)[] Keys =
    [
        ("REDDIT_CLIENT_ID", "Reddit:ClientId"),
        ("REDDIT_CLIENT_SECRET", "Reddit:ClientSecret"),
        ("REDDIT_USER_AGENT", "Reddit:UserAgent"),
        ("TRENDING_VELOCITY_HIGH", "Trending:VelocityHigh"),
        ("TRENDING_VELOCITY_LOW", "Trending:VelocityLow"),
        ("TRENDING_SENTIMENT_THRESH", "Trending:SentimentMin"),
        ("TRENDING_SENTIMENT_MIN", "Trending:SentimentMin"),
        ("TRENDING_COMMENT_MIN", "Trending:CommentMin"),
        ("TRENDING_CUTOFF", "Trending:Cutoff"),
        ("BATCH_SIZE", "Processing:BatchSize"),
        ("INGESTION_SHARD_ID", "Ingestion:ShardId"),
        ("KAFKA_BOOTSTRAP_SERVERS", "ConnectionStrings:kafka"),
    ];

    public static void AddOriginalConfigurationNames(this IHostApplicationBuilder builder)
    {
        var mapped = Map(builder.Configuration);
        if (mapped.Count > 0)
            builder.Configuration.Sources.Insert(0, new MemoryConfigurationSource { InitialData = mapped });
    }

    internal static Dictionary<string, string?> Map(IConfiguration original)
    {
        var mapped = new Dictionary<string, string?>();
        foreach (var (name, key) in Keys)
        {
            if (original[name] is { Length: > 0 } value)
                mapped[key] = value;
        }

        // Plain seconds there, time spans here.
        Convert("BATCH_TIMEOUT", "Processing:BatchTimeout", Seconds);
        Convert("SCHEDULER_CONFIG_POLL_S", "Ingestion:ConfigPollInterval", Seconds);
        Convert("TIMESCALE_RETENTION", "Storage:RetentionDays", LeadingNumber);
        Convert("REDIS_URL", "ConnectionStrings:redis", RedisConnectionString);
        if (original["POSTGRES_HOST"] is { Length: > 0 })
            mapped["ConnectionStrings:signalflow"] = PostgresConnectionString(original);
        return mapped;

        void Convert(string name, string key, Func<string, string> convert)
        {
            if (original[name] is { Length: > 0 } value)
                mapped[key] = convert(value);
        }
    }

    // Values that are not understood pass through unchanged, so that validation names the key and the value.
    private static string Seconds(string value) =>
        double.TryParse(value, NumberStyles.Float, CultureInfo.InvariantCulture, out var seconds)
        && Math.Abs(seconds) < TimeSpan.MaxValue.TotalSeconds
            ? TimeSpan.FromSeconds(seconds).ToString("c")
            : value;

    private static string LeadingNumber(string value) => value.Split(' ', 2)[0];

    private static string RedisConnectionString(string value)
    {
        if (!Uri.TryCreate(value, UriKind.Absolute, out var uri) || uri.Scheme is not ("redis" or "rediss"))
            return value;

        var parts = new List<string> { $"{uri.Host}:{(uri.Port > 0 ? uri.Port : 6379)}" };
        if (uri.UserInfo is { Length: > 0 } userInfo)
        {
            var separator = userInfo.IndexOf(':', StringComparison.Ordinal);
            if (separator > 0)
                parts.Add($"user={Uri.UnescapeDataString(userInfo[..separator])}");
            parts.Add($"password={Uri.UnescapeDataString(userInfo[(separator + 1)..])}");
        }

        if (uri.AbsolutePath.Length > 1)
            parts.Add($"defaultDatabase={uri.AbsolutePath[1..]}");
        if (uri.Scheme == "rediss")
            parts.Add("ssl=true");
        return string.Join(',', parts);
    }

    private static string PostgresConnectionString(IConfiguration original)
    {
        var builder = new Npgsql.NpgsqlConnectionStringBuilder
        {
            Host = original["POSTGRES_HOST"],
            Username = original["POSTGRES_USER"] ?? "postgres",
            Password = original["POSTGRES_PASSWORD"],
            Database = original["POSTGRES_DB"] ?? "signalflow",
        };
        // As text: a port that is none is refused with the connection string, not replaced by the default one.
        return original["POSTGRES_PORT"] is { Length: > 0 } port ? $"{builder.ConnectionString};Port={port}" : builder.ConnectionString;
    }
}
