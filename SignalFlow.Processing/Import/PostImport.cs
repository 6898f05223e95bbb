using Microsoft.Extensions.Options;
using Npgsql;
using SignalFlow.Contracts;
using SignalFlow.Processing.Batches;
using SignalFlow.Processing.Sentiment;
using SignalFlow.Processing.Trending;
using SignalFlow.Storage;
using SignalFlow.Storage.Posts;

namespace SignalFlow.Processing.Import;

/// <summary>
/// Brings posts, features and history over, page by page, as observations: through the same writer and under the same guard as those of
/// Kafka. So a second run changes nothing, and what is observed here meanwhile is neither lost nor overwritten.
/// </summary>
internal sealed class PostImport(
    PostWriter writer, NpgsqlDataSource target, PostAnalysis analysis, SeedTrending trending, IOptions<StorageOptions> storage, TimeProvider time)
{
    private const int PageSize = 500;
    private const int HistoryAtOnce = 5_000;
    // Another writer would have to win the same post over and over.
    private const int MaxRounds = 10;
    private const string PostLeftOut = "its post was left out";

    /// <param name="source">Open.</param>
    /// <param name="report">Counts what is done.</param>
    /// <param name="stop">Ends it between two pages; the next run finds what is stored unchanged and goes on.</param>
    public async Task RunAsync(OriginalDatabase source, ImportReport report, CancellationToken stop)
    {
        var total = await source.CountPostsAsync(stop);
        var names = await SubredditNames.LoadAsync(target, stop);
        string? after = null;
        do
        {
            stop.ThrowIfCancellationRequested();
            var page = await source.PostsAsync(after, PageSize, stop);
            var upto = page.Count < PageSize ? null : page[^1].Id;
            var history = await HistoryAsync(source, page, after, upto, report, stop);
            var posts = page.ConvertAll(post => Map(post, history[post.Id], names, report)).OfType<ImportedPost>().ToList();
            // Not half a page: it ends within a time-out of the database.
            await StoreAsync(posts, report, CancellationToken.None);
            report.Progress(total);
            after = upto;
        }
        while (after is not null);

        await CountStrayRowsAsync(source, report, stop);
    }

    private async Task<Dictionary<string, List<OriginalObservation>>> HistoryAsync(
        OriginalDatabase source, List<OriginalPost> page, string? after, string? upto, ImportReport report, CancellationToken stop)
    {
        var now = time.GetUtcNow();
        var history = page.ToDictionary(post => post.Id, _ => new List<OriginalObservation>(), StringComparer.Ordinal);
        await foreach (var row in source.HistoryAsync(after, upto, stop))
        {
            report.History.Source++;
            if (!history.TryGetValue(row.PostId, out var observations))
                report.History.LeaveOut("there is no such post", row.PostId);
            else if (OriginalMapping.TryMap(row, now, out var observation) is { } reason)
                report.History.LeaveOut(reason, row.PostId);
            else
                observations.Add(observation);
        }

        return history;
    }

    private ImportedPost? Map(OriginalPost post, List<OriginalObservation> observations, SubredditNames names, ImportReport report)
    {
        var now = time.GetUtcNow();
        report.Posts.Source++;
        report.Features.Source += post.Features is null ? 0 : 1;
        var rows = observations.Count;
        var repeats = RepeatedObservations.Fold(observations);
        var addsOwn = OriginalMapping.OfPost(post, now) is { } own && RepeatedObservations.TryAdd(observations, own);
        if (OriginalMapping.TryMap(post, observations, names.Here(post.Subreddit), now, out var newest) is { } reason)
        {
            report.Posts.LeaveOut(reason, post.Id);
            report.Features.LeaveOut(PostLeftOut, post.Id, post.Features is null ? 0 : 1);
            report.History.LeaveOut(PostLeftOut, post.Id, rows);
            return null;
        }

        report.History.Repeats += repeats;
        if (addsOwn)
        {
            report.History.Source++;
            report.OnlyOfPosts++;
        }

        return WithFeatures(post, newest, observations, report);
    }

    /// <summary>
    /// Sentiment and keywords as the original found them. They have the print of no text, so the next observation of the post, whose body the
    /// original never stored, has them found again.
    /// </summary>
    private ImportedPost WithFeatures(OriginalPost post, PostObservation newest, List<OriginalObservation> observations, ImportReport report)
    {
        var own = analysis.Features(newest) with { TextPrint = NlpFeatures.NoPrint };
        var sentiment = post.Features is null ? null : OriginalMapping.Sentiment(post.Features);
        var keywords = post.Features is null ? null : OriginalMapping.Keywords(post.Features);
        if (post.Features is not null && sentiment is null && keywords is null)
            report.Features.LeaveOut("it has neither a sentiment nor a list of keywords", post.Id);
        return new()
        {
            Newest = newest,
            Observations = observations,
            FirstSeen = post.FirstSeenAt is { } first and > 0 ? first : long.MaxValue,
            Features = own with
            {
                SentimentScore = sentiment ?? own.SentimentScore,
                SentimentLabel = SentimentLabel.Of(sentiment ?? own.SentimentScore),
                Keywords = keywords ?? own.Keywords,
            },
            HasFeatures = sentiment is not null || keywords is not null,
            IsAnalysed = sentiment is null || keywords is null,
        };
    }

    private async Task StoreAsync(List<ImportedPost> posts, ImportReport report, CancellationToken cancellationToken)
    {
        await StorePostsAsync(posts, round: 1, report, cancellationToken);
        // After the posts: if it ends between them, the next run writes what is missing.
        foreach (var chunk in History(posts, report).Chunk(HistoryAtOnce))
            await WriteAsync(new([], [.. chunk]), report, cancellationToken);
    }

    private async Task StorePostsAsync(List<ImportedPost> posts, int round, ImportReport report, CancellationToken cancellationToken)
    {
        if (round > MaxRounds)
            throw new ImportException($"The post {posts[0].Id} was written by others {MaxRounds} times in a row. Run the import again.");
        var changes = await ChangesAsync(posts, cancellationToken);
        var stale = await WriteAsync(new([.. changes.Select(change => change.Change).OfType<PostChange>()], []), report, cancellationToken);
        foreach (var change in changes.Where(change => !stale.Contains(change.Post.Id)))
            Count(change, report);
        // Fewer at once leave other writers less time between the look at a post and its change.
        foreach (var part in posts.Where(post => stale.Contains(post.Id)).Chunk(Math.Max(1, posts.Count / 4)))
            await StorePostsAsync([.. part], round + 1, report, cancellationToken);
    }

    private List<HistoryEntry> History(List<ImportedPost> posts, ImportReport report)
    {
        // A day goes as a whole, and not before it is over the retention.
        var days = storage.Value.RetentionDays;
        var horizon = days == 0 ? long.MinValue : OriginalMapping.Microseconds(new(time.GetUtcNow().AddDays(-days).UtcDateTime.Date, TimeSpan.Zero));
        var history = new List<HistoryEntry>();
        foreach (var post in posts)
        {
            foreach (var observation in post.Observations.Where(observation => observation.Sample.At >= horizon))
                history.Add(new(post.Id, post.Newest.Subreddit, observation.Sample, observation.Ratio));
            report.History.LeaveOut(
                "it is older than Storage:RetentionDays", post.Id, post.Observations.Count(observation => observation.Sample.At < horizon));
        }

        return history;
    }

    private async Task<List<PlannedChange>> ChangesAsync(List<ImportedPost> posts, CancellationToken cancellationToken)
    {
        string[] ids = [.. posts.Select(post => post.Id)];
        var known = await writer.LoadAsync(ids, cancellationToken);
        var contents = known.Count == 0 ? [] : await ContentsAsync(ids, cancellationToken);
        return posts.ConvertAll(post => known.TryGetValue(post.Id, out var stored)
            ? new(post, IsNew: false, Change(post, stored, contents[post.Id]))
            : new PlannedChange(post, IsNew: true, Change(post, known: null, content: null)));
    }

    /// <returns>Null: what is stored says all of it already.</returns>
    private PostChange? Change(ImportedPost post, KnownPost? known, PostContent? content)
    {
        var state = post.Join(known?.State);
        if (state == known?.State)
            return null;
        var (score, isTrending) = trending.Rate(
            state.ScoreVelocity, known?.Nlp?.SentimentScore ?? post.Features.SentimentScore, state.Last.Comments);
        return new()
        {
            // The original knows no body, flair or mark of adult content: what is known here stays, also where its observation is newer.
            Newest = content is null
                ? post.Newest
                : post.Newest with { Title = content.Title, Selftext = content.Selftext, Flair = content.Flair, Over18 = content.Over18 },
            State = state,
            TrendingScore = score,
            IsTrending = isTrending,
            Nlp = known is null ? post.Features : null,
        };
    }

    private async Task<Dictionary<string, PostContent>> ContentsAsync(string[] ids, CancellationToken cancellationToken)
    {
        await using var command = target.CreateCommand("SELECT id, title, selftext, flair, over_18 FROM posts WHERE id = ANY ($1)");
        command.Parameters.Add(new NpgsqlParameter<string[]> { TypedValue = ids });
        await using var reader = await command.ExecuteReaderAsync(cancellationToken);
        var contents = new Dictionary<string, PostContent>(StringComparer.Ordinal);
        while (await reader.ReadAsync(cancellationToken))
        {
            contents.Add(reader.GetString(0), new(
                reader.GetString(1), reader.IsDBNull(2) ? null : reader.GetString(2), reader.IsDBNull(3) ? null : reader.GetString(3), reader.GetBoolean(4)));
        }

        return contents;
    }

    private async Task<HashSet<string>> WriteAsync(PostBatch batch, ImportReport report, CancellationToken cancellationToken)
    {
        if (batch.Posts.Count + batch.History.Count == 0)
            return [];
        var result = await writer.WriteAsync(batch, cancellationToken);
        report.History.Written += result.HistoryAdded;
        report.History.Unchanged += batch.History.Count - result.HistoryAdded;
        return result.Stale.ToHashSet(StringComparer.Ordinal);
    }

    private static void Count(PlannedChange change, ImportReport report)
    {
        var features = change.Post.HasFeatures ? 1 : 0;
        if (change.Change is null)
            report.Posts.Unchanged++;
        else
            report.Posts.Written++;
        if (!change.IsNew)
        {
            report.Features.Unchanged += features;
            return;
        }

        report.Features.Written += features;
        report.Analysed += change.Post.IsAnalysed ? 1 : 0;
    }

    /// <summary>Rows that belong to no post, and so to no page.</summary>
    private static async Task CountStrayRowsAsync(OriginalDatabase source, ImportReport report, CancellationToken stop)
    {
        var without = await source.CountHistoryWithoutPostAsync(stop);
        report.History.Source += without;
        report.History.LeaveOut("it names no post", "NULL", without);
        await foreach (var id in source.FeaturesWithoutPostAsync(stop))
        {
            report.Features.Source++;
            report.Features.LeaveOut("there is no such post", id);
        }
    }

    private sealed record PostContent(string Title, string? Selftext, string? Flair, bool Over18);

    private sealed record PlannedChange(ImportedPost Post, bool IsNew, PostChange? Change);
}
