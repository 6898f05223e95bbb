using SignalFlow.Processing.Discovery;

namespace SignalFlow.Processing.Shifts;

/// <summary>
/// Looks at the end of each hour where the sentiment of the last six has moved: by subreddit, and by keyword. Six hours, because few subreddits have
/// twenty posts in one. For one process at a time; what it needs of the hour before is stored.
/// </summary>
internal sealed class ShiftKeeper(ShiftStore store, HourProgress progress)
{
    /// <summary>Older hours are no news.</summary>
    private static readonly TimeSpan Reach = TimeSpan.FromHours(24);

    /// <param name="until">What was published before is stored.</param>
    /// <param name="cancellationToken">Ends the work.</param>
    /// <returns>False: no hour was over by then.</returns>
    public async Task<bool> CloseNextAsync(DateTimeOffset until, CancellationToken cancellationToken)
    {
        if (await progress.NextAsync(ShiftStore.Progress, Reach, until, cancellationToken) is not { } hour)
            return false;
        var before = await store.BeforeAsync(hour, cancellationToken);
        var posts = await store.PostsAsync(hour, cancellationToken);
        var usual = await store.UsualAsync(hour, [.. posts.Keys], cancellationToken);
        var shifts = SentimentShifts.Find(posts.Select(item => new SentimentBucket(
            item.Key.Text, item.Value, usual.GetValueOrDefault(item.Key), before.TryGetValue(item.Key, out var known) ? known.Shift : null)));
        await store.StoreAsync(
            hour,
            shifts.Where(shift => shift.IsShifted).Select(shift =>
            {
                var key = ShiftKey.Parse(shift.Key);
                return new LastingShift(
                    key, before.TryGetValue(key, out var known) && IsSameWay(known.Shift, shift) ? known.Since : hour, shift, usual[key].Count);
            }).ToList(),
            cancellationToken);
        return true;
    }

    private static bool IsSameWay(SentimentShift before, SentimentShift now) => Math.Sign(before.Statistic) == Math.Sign(now.Statistic);
}

/// <summary>A subreddit or a keyword.</summary>
internal readonly record struct ShiftKey(bool IsSubreddit, string Name)
{
    private const string Prefix = "r/";

    /// <summary>As a key among all of an hour: no keyword begins like a subreddit.</summary>
    public string Text => IsSubreddit ? Prefix + Name : Name;

    public static ShiftKey Parse(string text) => text.StartsWith(Prefix, StringComparison.Ordinal) ? new(true, text[Prefix.Length..]) : new(false, text);
}

/// <param name="Since">The first hour in which it was found.</param>
/// <param name="UsualPosts">Of the seven days.</param>
internal sealed record LastingShift(ShiftKey Key, DateTimeOffset Since, SentimentShift Shift, long UsualPosts);
