using System.Text;
using Confluent.Kafka;
using CsCheck;
using SignalFlow.Processing.Decoding;

namespace SignalFlow.Tests.Processing;

public sealed class ObservationDecoderTests
{
    // 2026-11-23T10:00:00Z
    private static readonly DateTimeOffset Now = DateTimeOffset.FromUnixTimeSeconds(1_795_428_000);

    public static TheoryData<string> PoisonKinds => [.. PoisonMessages.All.Keys];

    [Theory]
    [MemberData(nameof(PoisonKinds))]
    public void Poison_is_refused_with_a_class_and_a_reason(string kind)
    {
        var poison = ObservationDecoder.TryDecode(Record("k", PoisonMessages.All[kind]), Now, out _);

        Assert.NotNull(poison);
        Assert.Matches("^[a-z]+$", poison.Class);
        Assert.NotEmpty(poison.Message);
    }

    [Theory]
    [InlineData("secret")]
    [InlineData("'secret")]
    [InlineData("{secret")]
    [InlineData("""{"id":nsecret""")]
    [InlineData("""{"id":"x","title":"secret""")]
    [InlineData("""{"id":"x" secret}""")]
    [InlineData("""{"id":"x","title":"\secret"}""")]
    [InlineData("""{"id":"x","score":"secret"}""")]
    [InlineData("""{"secret":{"secret":tsecret""")]
    public void A_reason_quotes_nothing_that_somebody_may_delete(string value)
    {
        var poison = ObservationDecoder.TryDecode(Record("x", Encoding.UTF8.GetBytes(value)), Now, out _);

        Assert.Equal("json", poison?.Class);
        Assert.DoesNotContain("secret", poison!.Message, StringComparison.OrdinalIgnoreCase);
    }

    [Fact]
    public void A_full_message_is_understood_and_unknown_fields_are_ignored()
    {
        var value = Encoding.UTF8.GetBytes("""
            {"id":"xyz789","title":"Line\nfeed & 👩‍🚀","selftext":"…","subreddit":"technology","author":"name","created_utc":1772692200.0,
             "score":1200,"num_comments":45,"upvote_ratio":0.97,"over_18":true,"url":"https://…","permalink":"/r/…","flair":null,
             "poll_priority":"aggressive","observed_at":1772692500.123,"last_polled_at":1772692500.123,"schema_version":1,"new_field":{"a":[1]}}
            """);

        Assert.Null(ObservationDecoder.TryDecode(Record("xyz789", value), Now, out var observation));

        Assert.Equal("Line\nfeed & 👩‍🚀", observation.Post.Title);
        Assert.Equal(1_772_692_500_123_000, observation.Sample.At);
        Assert.Equal((1200, 45), (observation.Sample.Score, observation.Sample.Comments));
        Assert.True(observation.Post.Over18);
    }

    [Theory]
    [InlineData("NUL in the reason of a removal", "text")]
    [InlineData("empty reason of a removal", "field")]
    [InlineData("long reason of a removal", "length")]
    public void The_reason_of_a_removal_is_bounded_text(string kind, string errorClass)
    {
        // With the right key, so that nothing else is wrong.
        var poison = ObservationDecoder.TryDecode(Record("x", PoisonMessages.All[kind]), Now, out _);

        Assert.Equal(errorClass, poison?.Class);
        Assert.StartsWith("removed_by_category ", poison?.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("moderator", true)]
    [InlineData("absent", false)]
    public void A_removal_purges_and_is_an_observation_unless_the_post_is_absent(string reason, bool observed)
    {
        var value = Encoding.UTF8.GetBytes($$"""
            {"id":"x","title":"[deleted]","removed_by_category":"{{reason}}","subreddit":"s","created_utc":1795420000,"score":1,"num_comments":0,"observed_at":1795420001}
            """);

        Assert.Null(ObservationDecoder.TryDecode(Record("x", value), Now, out var observation));

        Assert.Equal(new(1_795_420_001_000_000, reason), observation.Purge);
        Assert.Equal(observed, observation.IsObserved);
    }

    [Fact]
    public void A_message_without_observed_at_takes_the_records_timestamp()
    {
        var record = Record(null, Encoding.UTF8.GetBytes(
            """{"id":"x","title":"t","subreddit":"s","created_utc":1795420000,"score":-3,"num_comments":0}"""));
        record.Message.Timestamp = new(1_795_421_000_250, TimestampType.CreateTime);

        Assert.Null(ObservationDecoder.TryDecode(record, Now, out var observation));

        Assert.Equal(1_795_421_000_250_000, observation.Sample.At);
    }

    [Fact]
    public void No_bytes_make_it_throw() =>
        Gen.Select(Gen.Byte.Array[0, 60], Gen.Int[0, 200]).Sample((noise, position) =>
        {
            var valid = Encoding.UTF8.GetBytes("""{"id":"x","title":"t\ud83d\udc4d","subreddit":"s","created_utc":1795420000,"score":1,"num_comments":0}""");
            position = Math.Min(position, valid.Length);
            byte[] value = [.. valid.AsSpan(0, position), .. noise, .. valid.AsSpan(Math.Min(valid.Length, position + noise.Length))];
            var poison = ObservationDecoder.TryDecode(Record("x", value), Now, out var observation);
            return poison is not null || observation.Post is not null;
        });

    private static ConsumeResult<byte[], byte[]> Record(string? key, byte[] value) => new()
    {
        Message = new()
        {
            Key = key is null ? null! : Encoding.UTF8.GetBytes(key), Value = value,
            Timestamp = new(Now.ToUnixTimeMilliseconds(), TimestampType.CreateTime)
        },
    };
}
