using System.Text;
using System.Text.Json;
using Microsoft.EntityFrameworkCore;
using SignalFlow.Api.Paging;
using SignalFlow.Contracts;
using SignalFlow.Storage.DeadLetters;
using SignalFlow.Storage.Reading;

namespace SignalFlow.Api.DeadLetters;

/// <summary>Reads <c>dlq_events</c>. The list walks the primary key, which ascends with time.</summary>
internal sealed class DeadLetterQueries(SignalFlowDbContext database, TimeProvider time)
{
    private static readonly UTF8Encoding StrictUtf8 = new(encoderShouldEmitUTF8Identifier: false, throwOnInvalidBytes: true);

    private static readonly string[] Open = [.. DeadLetterStates.Open];
    private static readonly string[] Ages = ["1h", "1d", "7d", "older"];

    public async Task<KeysetPage<DeadLetterView, NumberCursor>> ListAsync(DeadLetterFilter filter, CancellationToken cancellationToken)
    {
        var backwards = filter.Cursor?.Backwards == true;
        // One row more than asked for tells whether there is another page.
        var rows = await Order(Filtered(filter.Selection), filter.Cursor)
            .Take(filter.PageSize + 1)
            .Select(letter => new DeadLetterView
            {
                Id = letter.Id,
                SourceTopic = letter.SourceTopic,
                SourcePartition = letter.SourcePartition,
                SourceOffset = letter.SourceOffset,
                PostIds = letter.PostIds,
                ErrorClass = letter.ErrorClass,
                ErrorMessage = letter.ErrorMessage,
                FailedAt = letter.FailedAt,
                Attempt = letter.Attempt,
                State = letter.State,
                Note = letter.Note,
                PayloadBytes = letter.Payload == null ? null : letter.Payload.Length,
                PurgedAt = letter.PurgedAt,
                DlqPartition = letter.DlqPartition,
                DlqOffset = letter.DlqOffset,
                CreatedAt = letter.CreatedAt,
                UpdatedAt = letter.UpdatedAt,
                ResolvedAt = letter.ResolvedAt,
                Replays = letter.Replay,
                FailedReplays = letter.FailedReplays.Length,
                ReplayedAt = letter.ClaimedAt,
                IsTruncated = letter.IsTruncated,
            })
            .TagWith("dead letters: page")
            .ToListAsync(cancellationToken);

        return KeysetPage<DeadLetterView, NumberCursor>.Of(rows, filter.PageSize, filter.Cursor is null, backwards, (letter, before) => new(before, letter.Id));
    }

    public async Task<DeadLetterDetail?> FindAsync(long id, CancellationToken cancellationToken)
    {
        var letter = await database.DeadLetters.TagWith("dead letters: one").SingleOrDefaultAsync(row => row.Id == id, cancellationToken);
        return letter is null
            ? null
            : new()
            {
                Id = letter.Id,
                SourceTopic = letter.SourceTopic,
                SourcePartition = letter.SourcePartition,
                SourceOffset = letter.SourceOffset,
                PostIds = letter.PostIds,
                ErrorClass = letter.ErrorClass,
                ErrorMessage = letter.ErrorMessage,
                FailedAt = letter.FailedAt,
                Attempt = letter.Attempt,
                State = letter.State,
                Note = letter.Note,
                PayloadBytes = letter.Payload?.Length,
                PurgedAt = letter.PurgedAt,
                DlqPartition = letter.DlqPartition,
                DlqOffset = letter.DlqOffset,
                CreatedAt = letter.CreatedAt,
                UpdatedAt = letter.UpdatedAt,
                ResolvedAt = letter.ResolvedAt,
                Replays = letter.Replay,
                FailedReplays = letter.FailedReplays.Length,
                ReplayedAt = letter.ClaimedAt,
                IsTruncated = letter.IsTruncated,
                Key = Encoded(letter.Key),
                Payload = Encoded(letter.Payload),
                Headers = JsonSerializer.Deserialize(letter.Headers, ContractsJsonContext.Default.IReadOnlyListDeadLetterHeader) ?? [],
            };
    }

    public async Task<DeadLetterStats> StatsAsync(CancellationToken cancellationToken)
    {
        var now = time.GetUtcNow().UtcDateTime;
        var (hour, day, week) = (now.AddHours(-1), now.AddDays(-1), now.AddDays(-7));
        // Few groups, whatever the number of letters; all lists are sums of them.
        var groups = await database.DeadLetters
            .GroupBy(letter => new
            {
                letter.State,
                letter.ErrorClass,
                letter.SourceTopic,
                Age = letter.FailedAt >= hour ? 0 : letter.FailedAt >= day ? 1 : letter.FailedAt >= week ? 2 : 3,
            })
            .Select(group => new
            {
                group.Key.State,
                group.Key.ErrorClass,
                group.Key.SourceTopic,
                group.Key.Age,
                Count = group.LongCount(),
                Oldest = group.Min(letter => letter.FailedAt),
            })
            .TagWith("dead letters: totals")
            .ToListAsync(cancellationToken);
        var open = groups.FindAll(group => Open.Contains(group.State));
        DateTimeOffset? oldest = open.Count == 0 ? null : open.Min(group => group.Oldest);
        return new()
        {
            Total = groups.Sum(group => group.Count),
            Open = open.Sum(group => group.Count),
            OldestOpenAt = oldest,
            // Clocks of two machines differ; nothing is of negative age.
            OldestOpenAgeSeconds = oldest is { } at ? Math.Max(0, (now - at).TotalSeconds) : null,
            ByState = Counts(groups.Select(group => (group.State, group.State, group.Count))),
            ByClass = Counts(groups.Select(group => (group.ErrorClass, group.State, group.Count))),
            ByTopic = Counts(groups.Select(group => (group.SourceTopic, group.State, group.Count))),
            ByAge =
            [
                .. Ages.Select((age, index) => (Name: age, Count: open.Where(group => group.Age == index).Sum(group => group.Count)))
                    .Select(age => new DeadLetterCount(age.Name, age.Count, age.Count)),
            ],
        };
    }

    private IQueryable<DeadLetterEvent> Filtered(DeadLetterSelection selection)
    {
        var letters = database.DeadLetters.AsQueryable();
        if (selection.States is { } states)
            letters = letters.Where(letter => states.Contains(letter.State));
        if (selection.Classes is { } classes)
            letters = letters.Where(letter => classes.Contains(letter.ErrorClass));
        if (selection.Topics is { } topics)
            letters = letters.Where(letter => topics.Contains(letter.SourceTopic));
        if (selection.PostId is { } post)
            letters = letters.Where(letter => letter.PostIds.Contains(post));
        if (selection.From is { } from)
            letters = letters.Where(letter => letter.FailedAt >= from);
        if (selection.To is { } to)
            letters = letters.Where(letter => letter.FailedAt < to);
        return letters;
    }

    private static IQueryable<DeadLetterEvent> Order(IQueryable<DeadLetterEvent> letters, NumberCursor? cursor) => cursor switch
    {
        null => letters.OrderByDescending(letter => letter.Id),
        { Backwards: true } => letters.Where(letter => letter.Id > cursor.Id).OrderBy(letter => letter.Id),
        _ => letters.Where(letter => letter.Id < cursor.Id).OrderByDescending(letter => letter.Id),
    };

    private static List<DeadLetterCount> Counts(IEnumerable<(string Name, string State, long Count)> groups) =>
    [
        .. groups
            .GroupBy(group => group.Name, StringComparer.Ordinal)
            .Select(group => new DeadLetterCount(
                group.Key, group.Sum(part => part.Count), group.Where(part => Open.Contains(part.State)).Sum(part => part.Count)))
            .OrderByDescending(count => count.Total).ThenBy(count => count.Name, StringComparer.Ordinal),
    ];

    private static EncodedBytes? Encoded(byte[]? bytes)
    {
        if (bytes is null)
            return null;
        try
        {
            return new("utf-8", StrictUtf8.GetString(bytes));
        }
        catch (DecoderFallbackException)
        {
            return new("base64", Convert.ToBase64String(bytes));
        }
    }
}
