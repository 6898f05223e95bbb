using SignalFlow.ServiceDefaults;

namespace SignalFlow.Tests.ServiceDefaults;

public sealed class OriginalConfigurationNamesTests
{
    [Theory]
    [InlineData("REDDIT_CLIENT_ID", "abc", "Reddit:ClientId", "abc")]
    [InlineData("TRENDING_SENTIMENT_THRESH", "0.4", "Trending:SentimentMin", "0.4")]
    [InlineData("TRENDING_SENTIMENT_MIN", "0.4", "Trending:SentimentMin", "0.4")]
    [InlineData("BATCH_TIMEOUT", "2", "Processing:BatchTimeout", "00:00:02")]
    [InlineData("BATCH_TIMEOUT", "0.5", "Processing:BatchTimeout", "00:00:00.5000000")]
    [InlineData("BATCH_TIMEOUT", "soon", "Processing:BatchTimeout", "soon")]
    [InlineData("SCHEDULER_CONFIG_POLL_S", "90", "Ingestion:ConfigPollInterval", "00:01:30")]
    [InlineData("TIMESCALE_RETENTION", "90 days", "Storage:RetentionDays", "90")]
    [InlineData("KAFKA_BOOTSTRAP_SERVERS", "a:9092,b:9092", "ConnectionStrings:kafka", "a:9092,b:9092")]
    [InlineData("REDIS_URL", "redis://:pa%40ss@cache:6380/2", "ConnectionStrings:redis", "cache:6380,password=pa@ss,defaultDatabase=2")]
    [InlineData("REDIS_URL", "redis://cache/0", "ConnectionStrings:redis", "cache:6379,defaultDatabase=0")]
    [InlineData("REDIS_URL", "rediss://user:secret@cache:6380", "ConnectionStrings:redis", "cache:6380,user=user,password=secret,ssl=true")]
    public void An_original_name_sets_our_key(string name, string value, string key, string expected) =>
        Assert.Equal(expected, Configuration((name, value))[key]);

    [Fact]
    public void Postgres_names_make_one_connection_string() =>
        Assert.Equal(
            "Host=db;Username=reddit;Password=p;Database=signals;Port=5433",
            Configuration(
                ("POSTGRES_HOST", "db"), ("POSTGRES_PORT", "5433"), ("POSTGRES_USER", "reddit"), ("POSTGRES_PASSWORD", "p"), ("POSTGRES_DB", "signals"))
                ["ConnectionStrings:signalflow"]);

    [Fact]
    public void Our_own_key_wins() =>
        Assert.Equal("7", Configuration(("BATCH_SIZE", "50"), ("Processing:BatchSize", "7"))["Processing:BatchSize"]);

    private static ConfigurationManager Configuration(params (string Name, string Value)[] settings)
    {
        var builder = Host.CreateEmptyApplicationBuilder(new());
        builder.Configuration.AddInMemoryCollection(settings.Select(setting => KeyValuePair.Create<string, string?>(setting.Name, setting.Value)));
        builder.AddOriginalConfigurationNames();
        return builder.Configuration;
    }
}
