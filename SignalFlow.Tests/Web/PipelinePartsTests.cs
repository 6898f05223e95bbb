using SignalFlow.Contracts;
using SignalFlow.Web.Components.Ops;
using SignalFlow.Web.Live;

namespace SignalFlow.Tests.Web;

public sealed class PipelinePartsTests
{
    private static readonly IngestionShardView Shard = new()
    {
        ShardId = 0,
        ShardCount = 1,
        Instance = "host/2",
        AcquiredAt = Posts.Now,
        HeartbeatAt = Posts.Now,
        HeartbeatAgeSeconds = 4,
        RequestsLimit = 60,
        RequestsLastMinute = 58,
        RatelimitRemaining = 400,
    };

    private static readonly PipelineSigns Well = new()
    {
        Pipeline = Pipelines.Working with { Totals = Pipelines.Working.Totals with { Unassigned = 0 } },
        Ingestion = new() { Shards = [Shard] },
        Storage = new AnswersOfTheApi().Storage,
        ApiTook = TimeSpan.FromMilliseconds(12.4),
        Live = new(LiveState.Live),
        LastUpdateAt = Posts.Now.AddSeconds(-2),
        Now = Posts.Now,
    };

    [Fact]
    public void All_is_well_from_Reddit_to_the_browser_with_rates_and_delay_on_the_way()
    {
        var parts = PipelineParts.Of(Well);

        Assert.Equal(["Reddit", "Ingestion", "Kafka", "Processing", "PostgreSQL", "API", "Live updates", "You"], parts.Select(part => part.Name));
        Assert.All(parts, part => Assert.Equal(PartState.Ok, part.State));
        Assert.Equal(["58 requests/min", "32 records/s", "32 records/s", "30 posts/s", null, null, "newest 2 s old", null], parts.Select(part => part.Flow));
        Assert.Equal(("45 s behind", "95 % stored in 10 ms"), (parts[2].Delay, parts[3].Delay));
        Assert.Equal("answers in 12 ms", parts[5].Sign);
    }

    [Fact]
    public void A_part_that_is_held_up_is_slow_and_says_why()
    {
        Assert.Equal(
            (PartState.Slow, "asks for a pause of 2 min"),
            Part(Well with { Ingestion = new() { Shards = [Shard with { PausedUntil = Posts.Now.AddMinutes(2) }] } }, "Reddit"));
        Assert.Equal(
            (PartState.Slow, "1 of 2 shards silent"),
            Part(Well with { Ingestion = new() { Shards = [Shard, Shard with { HeartbeatAgeSeconds = 90 }] } }, "Ingestion"));
        Assert.Equal((PartState.Slow, "1 partitions without reader"), Part(Well with { Pipeline = Pipelines.Working }, "Kafka"));
        Assert.Equal((PartState.Slow, "waits for the database"), Part(With(Pipelines.Instance with { State = "paused" }), "Processing"));
        Assert.Equal((PartState.Slow, "1 of 2 silent"), Part(With(Pipelines.Instance, Pipelines.Instance with { State = "silent" }), "Processing"));
        Assert.Equal((PartState.Slow, "batches take long"), Part(With(Pipelines.Instance with { FlushP95Ms = 251 }), "Processing"));
        Assert.Equal(
            (PartState.Slow, "2 min behind"),
            Part(Well with { Pipeline = Well.Pipeline! with { Totals = Well.Pipeline.Totals with { TimeLagSeconds = 120 } } }, "Processing"));
        Assert.Equal(PartState.Slow, Part(Well with { ApiTook = TimeSpan.FromSeconds(1.5) }, "API").State);
        Assert.Equal((PartState.Slow, "reconnecting"), Part(Well with { Live = new(LiveState.Reconnecting) }, "Live updates"));
    }

    [Fact]
    public void A_part_that_gives_no_sign_is_away()
    {
        Assert.Equal(
            (PartState.Away, "silent for 7 min"),
            Part(Well with { Ingestion = new() { Shards = [Shard with { HeartbeatAgeSeconds = 420 }] } }, "Ingestion"));
        Assert.Equal((PartState.Away, "has not reported yet"), Part(Well with { Ingestion = new() { Shards = [] } }, "Ingestion"));
        Assert.Equal((PartState.Away, "silent"), Part(With(Pipelines.Instance with { State = "silent" }), "Processing"));
        Assert.Equal((PartState.Away, "stopped"), Part(With(Pipelines.Instance with { State = "stopped" }), "Processing"));
        Assert.Equal((PartState.Away, "does not answer"), Part(Well with { StorageFailure = new HttpRequestException() }, "PostgreSQL"));
        Assert.Equal((PartState.Away, "no connection"), Part(Well with { Live = new(LiveState.Offline) }, "Live updates"));
    }

    [Fact]
    public void While_the_api_is_away_nothing_is_claimed_of_what_is_behind_it()
    {
        var parts = PipelineParts.Of(Well with { ApiFailure = new HttpRequestException() });

        Assert.All(parts.Take(5), part => Assert.Equal((PartState.Unknown, "not known while the API is away", null), (part.State, part.Sign, part.Flow)));
        Assert.Equal((PartState.Away, PartState.Ok), (parts[5].State, parts[6].State));
    }

    private static PipelineSigns With(params PipelineInstanceView[] instances) => Well with { Pipeline = Well.Pipeline! with { Instances = instances } };

    private static (PartState State, string Sign) Part(PipelineSigns signs, string name)
    {
        var part = PipelineParts.Of(signs).Single(part => part.Name == name);
        return (part.State, part.Sign);
    }
}
