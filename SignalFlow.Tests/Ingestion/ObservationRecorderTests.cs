using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Options;
using Microsoft.Extensions.Time.Testing;
using SignalFlow.Benchmarks.Evaluate;
using SignalFlow.Contracts;
using SignalFlow.Ingestion;
using SignalFlow.Ingestion.Publishing;

namespace SignalFlow.Tests.Ingestion;

public sealed class ObservationRecorderTests : IDisposable
{
    private static readonly DateTimeOffset Noon = new(2026, 11, 23, 12, 0, 0, TimeSpan.Zero);

    private readonly string _folder = Path.Combine(Path.GetTempPath(), Path.GetRandomFileName());

    public void Dispose()
    {
        if (Directory.Exists(_folder))
            Directory.Delete(_folder, recursive: true);
    }

    [Fact]
    public async Task What_is_recorded_is_what_the_evaluation_reads()
    {
        using (var recorder = Recorder(_folder))
        {
            recorder.Record([Observation("a", 60, 3), Observation("b", 60, 4), Observation("refused", 60, 4)], new HashSet<string> { "a", "b" });
            recorder.Record([Observation("a", 240, 9), Observation("b", 240, 4) with { RemovedByCategory = "moderator" }], new HashSet<string> { "a", "b" });
        }

        var series = await RecordedSeries.LoadAsync(_folder, "20261123T120000Z_shard2", TestContext.Current.CancellationToken);

        Assert.Equal(["a", "b"], series.Posts.Select(post => post.Id));
        Assert.Equal("golang", series.Posts[0].Subreddit);
        Assert.Equal(
            [(1.0, 3, 7), (4.0, 9, 7)],
            series.Posts[0].Observations.Select((sample, index) => (series.Posts[0].AgeAt(index), sample.Score, sample.Comments)));
        Assert.Equal((9, 9), (series.Posts[0].Final, series.Posts[0].Peak));
        Assert.Equal([false, true], series.Posts[1].Observations.Select(sample => sample.IsRemoved));
    }

    [Fact]
    public async Task A_recording_has_no_titles_and_no_authors()
    {
        using (var recorder = Recorder(_folder))
            recorder.Record([Observation("a", 60, 3)], new HashSet<string> { "a" });

        await using var file = new System.IO.Compression.GZipStream(
            File.OpenRead(Assert.Single(Directory.GetFiles(_folder))), System.IO.Compression.CompressionMode.Decompress);
        var text = await new StreamReader(file).ReadToEndAsync(TestContext.Current.CancellationToken);

        Assert.DoesNotContain("secret", text, StringComparison.Ordinal);
        Assert.StartsWith("""{"id":"a","subreddit":"golang","created_utc":""", text, StringComparison.Ordinal);
    }

    [Fact]
    public void A_folder_that_cannot_be_written_ends_the_recording_and_nothing_else()
    {
        File.WriteAllText(_folder, "");
        try
        {
            using var recorder = Recorder(_folder);
            recorder.Record([Observation("a", 60, 3)], new HashSet<string> { "a" });
            recorder.Record([Observation("a", 90, 3)], new HashSet<string> { "a" });
        }
        finally
        {
            File.Delete(_folder);
        }
    }

    [Fact]
    public void Time_lapse_is_not_recorded()
    {
        var result = new IngestionOptions.Validator().Validate(null, new() { Record = _folder, Speed = 60 });

        Assert.Equal("Ingestion:Record needs Ingestion:Speed 1: a recording has the times of the clock.", result.FailureMessage);
    }

    private static ObservationRecorder Recorder(string folder) =>
        new(
            Options.Create(new IngestionOptions { Record = folder, ShardId = 2, ShardCount = 3 }), new FakeTimeProvider(Noon),
            NullLogger<ObservationRecorder>.Instance);

    private static PostObservation Observation(string id, int ageSeconds, int score) => new()
    {
        Id = id,
        Title = "A secret",
        Author = "secret",
        Subreddit = "golang",
        CreatedUtc = Noon.ToUnixTimeSeconds(),
        Score = score,
        NumComments = 7,
        UpvoteRatio = 0.9,
        ObservedAt = Noon.ToUnixTimeSeconds() + ageSeconds,
    };
}
