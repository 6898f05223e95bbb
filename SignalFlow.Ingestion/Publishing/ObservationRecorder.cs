using System.Buffers;
using System.Globalization;
using System.IO.Compression;
using System.Text.Json;
using Microsoft.Extensions.Options;
using SignalFlow.Contracts;

namespace SignalFlow.Ingestion.Publishing;

/// <summary>
/// Writes what was observed to a file that the evaluation of the trend signal reads: <c>timeseries_NAME.jsonl.gz</c>, a line for each observation,
/// {id, subreddit, created_utc, samples: [{t, score, num_comments, upvote_ratio, removed_by_category}]}, times in Unix seconds. Without titles and
/// authors: a recording must not keep what Reddit deletes. One file for each start.
/// </summary>
internal sealed partial class ObservationRecorder : IDisposable
{
    /// <summary>What a crash may cost.</summary>
    private static readonly TimeSpan FlushInterval = TimeSpan.FromSeconds(30);

    private readonly TimeProvider _time;
    private readonly ILogger<ObservationRecorder> _logger;
    private readonly Lock _lock = new();
    private readonly ArrayBufferWriter<byte> _line = new();
    private readonly string? _path;
    private GZipStream? _file;
    private long _flushed;
    private bool _hasEnded;

    public ObservationRecorder(IOptions<IngestionOptions> options, TimeProvider time, ILogger<ObservationRecorder> logger)
    {
        (_time, _logger) = (time, logger);
        if (options.Value.Record is { Length: > 0 } folder)
            _path = Path.Combine(folder, string.Create(CultureInfo.InvariantCulture, $"timeseries_{time.GetUtcNow():yyyyMMdd'T'HHmmss'Z'}_shard{options.Value.ShardId}.jsonl.gz"));
    }

    /// <summary>Takes down the observations of <paramref name="ids"/>. A disk that is full ends the recording and nothing else.</summary>
    public void Record(IReadOnlyCollection<PostObservation> observations, IReadOnlySet<string> ids)
    {
        if (_path is null || ids.Count == 0)
            return;
        lock (_lock)
        {
            if (_hasEnded)
                return;
            try
            {
                Write(observations, ids);
            }
            catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
            {
                _hasEnded = true;
                LogEnded(exception, _path);
            }
        }
    }

    public void Dispose()
    {
        lock (_lock)
        {
            try
            {
                _file?.Dispose();
            }
            catch (IOException exception)
            {
                LogEnded(exception, _path!);
            }

            _hasEnded = true;
        }
    }

    private void Write(IReadOnlyCollection<PostObservation> observations, IReadOnlySet<string> ids)
    {
        if (_file is null)
        {
            Directory.CreateDirectory(Path.GetDirectoryName(_path!)!);
            _file = new GZipStream(new FileStream(_path!, FileMode.CreateNew, FileAccess.Write, FileShare.Read), CompressionLevel.Optimal);
            _flushed = _time.GetTimestamp();
            LogBegun(_path!);
        }

        foreach (var observation in observations)
        {
            if (observation.ObservedAt is not { } at || !ids.Contains(observation.Id))
                continue;
            Write(observation, at);
            _file.Write(_line.WrittenSpan);
        }

        if (_time.GetElapsedTime(_flushed) < FlushInterval)
            return;
        _file.Flush();
        _flushed = _time.GetTimestamp();
    }

    private void Write(PostObservation observation, double at)
    {
        _line.ResetWrittenCount();
        using (var json = new Utf8JsonWriter(_line))
        {
            json.WriteStartObject();
            json.WriteString("id", observation.Id);
            json.WriteString("subreddit", observation.Subreddit);
            json.WriteNumber("created_utc", observation.CreatedUtc);
            json.WriteStartArray("samples");
            json.WriteStartObject();
            json.WriteNumber("t", at);
            json.WriteNumber("score", observation.Score);
            json.WriteNumber("num_comments", observation.NumComments);
            if (observation.UpvoteRatio is { } ratio)
                json.WriteNumber("upvote_ratio", ratio);
            json.WriteString("removed_by_category", observation.RemovedByCategory);
            json.WriteEndObject();
            json.WriteEndArray();
            json.WriteEndObject();
        }

        _line.GetSpan(1)[0] = (byte)'\n';
        _line.Advance(1);
    }

    [LoggerMessage(LogLevel.Information, "Observations are recorded to {Path}")]
    private partial void LogBegun(string path);

    [LoggerMessage(LogLevel.Warning, "The recording to {Path} has ended; nothing else has")]
    private partial void LogEnded(Exception exception, string path);
}
