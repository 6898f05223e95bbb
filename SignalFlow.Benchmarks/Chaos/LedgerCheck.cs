using System.Globalization;
using Npgsql;
using SignalFlow.Processing.Batches;

namespace SignalFlow.Benchmarks.Chaos;

/// <summary>Compares what the database holds with the ledger, row by row.</summary>
internal sealed class LedgerCheck(NpgsqlDataSource dataSource, IReadOnlyDictionary<string, LedgerPost> ledger, Findings findings)
{
    /// <summary>Velocity is computed in double precision, in another order.</summary>
    private const double Tolerance = 1e-9;

    public async Task RunAsync(CancellationToken cancellationToken)
    {
        await CheckHistoryAsync(cancellationToken);
        await CheckPostsAsync(cancellationToken);
        await CheckFeaturesAsync(cancellationToken);
        await CheckSignalsAsync(cancellationToken);
    }

    private async Task CheckHistoryAsync(CancellationToken cancellationToken)
    {
        var left = ledger.Sum(post => post.Value.Observations.Count);
        var seen = new HashSet<(string, long)>();
        await foreach (var row in RowsAsync("SELECT post_id, captured_at, score, num_comments FROM post_metrics_history", cancellationToken))
        {
            var (id, at, counters) = (row.GetString(0), Microseconds(row.GetDateTime(1)), new Counters(row.GetInt32(2), row.GetInt32(3)));
            if (!ledger.TryGetValue(id, out var post) || !post.Observations.TryGetValue(at, out var expected))
                findings.AddDoubled($"history of {id} at {at}: nobody has observed it");
            else if (!seen.Add((id, at)))
                findings.AddDoubled($"history of {id} at {at} is there twice");
            else if (--left >= 0 && counters != expected)
                findings.AddWrong($"history of {id} at {at}: {counters} instead of {expected}");
        }

        if (left <= 0)
            return;
        foreach (var (id, post) in ledger)
        {
            foreach (var at in post.Observations.Keys.Where(at => !seen.Contains((id, at))))
                findings.AddLost($"history of {id} at {at}");
        }
    }

    private async Task CheckPostsAsync(CancellationToken cancellationToken)
    {
        var seen = new HashSet<string>();
        await foreach (var row in RowsAsync("""
            SELECT id, CASE WHEN isfinite(last_polled_at) THEN last_polled_at END, current_score, current_comments, prev_polled_at, prev_score, prev_comments,
              score_velocity, comment_velocity, title, purged_at, purge_reason, first_seen_at
            FROM posts
            """, cancellationToken))
        {
            var id = row.GetString(0);
            if (!ledger.TryGetValue(id, out var post))
                findings.AddDoubled($"post {id}: nobody has observed it");
            else if (seen.Add(id) && Difference(row, post) is { } difference)
                findings.AddWrong($"post {id}: {difference}");
        }

        foreach (var id in ledger.Keys.Where(id => !seen.Contains(id)))
            findings.AddLost($"post {id}");
    }

    private static string? Difference(NpgsqlDataReader row, LedgerPost post)
    {
        long? last = row.IsDBNull(1) ? null : Microseconds(row.GetDateTime(1));
        (long, string)? purge = row.IsDBNull(10) ? null : (Microseconds(row.GetDateTime(10)), row.GetString(11));
        if (purge != post.Purge)
            return $"purged {purge}, not {post.Purge}";
        if (post.Observations.Count == 0)
            return last is null ? null : $"newest at {last}, though it was never observed";
        var newest = post.Observations[post.Newest];
        if (last != post.Newest || new Counters(row.GetInt32(2), row.GetInt32(3)) != newest)
            return $"newest at {last}, not at {post.Newest} with {newest}";
        if (Microseconds(row.GetDateTime(12)) != post.Oldest)
            return $"first seen at {Microseconds(row.GetDateTime(12))}, not at {post.Oldest}";
        if (post.Purge is null && row.GetString(9) != post.Title)
            return "another title";
        return Movement(row, post, newest);
    }

    private static string? Movement(NpgsqlDataReader row, LedgerPost post, Counters newest)
    {
        var (score, comments) = (row.GetDouble(7), row.GetDouble(8));
        if (post.BeforeNewest is not { } before)
            return row.IsDBNull(4) && score == 0 && comments == 0 ? null : "moves, though it was observed once";
        var earlier = post.Observations[before];
        if (row.IsDBNull(4) || Microseconds(row.GetDateTime(4)) != before || new Counters(row.GetInt32(5), row.GetInt32(6)) != earlier)
            return $"the observation before the newest is not that at {before} with {earlier}";
        var seconds = (post.Newest - before) / 1e6;
        var (expected, expectedComments) = (((double)newest.Score - earlier.Score) / seconds, ((double)newest.Comments - earlier.Comments) / seconds);
        return Math.Abs(score - expected) <= Tolerance * Math.Max(1, Math.Abs(expected))
            && Math.Abs(comments - expectedComments) <= Tolerance * Math.Max(1, Math.Abs(expectedComments))
                ? null
                : string.Create(CultureInfo.InvariantCulture, $"velocity {score} and {comments} instead of {expected} and {expectedComments}");
    }

    private async Task CheckFeaturesAsync(CancellationToken cancellationToken)
    {
        var seen = new HashSet<string>();
        await foreach (var row in RowsAsync(
            "SELECT post_id, text_print FROM post_nlp_features WHERE document IS NOT NULL AND sentiment_label IS NOT NULL AND keywords IS NOT NULL",
            cancellationToken))
        {
            var id = row.GetString(0);
            seen.Add(id);
            if (!ledger.TryGetValue(id, out var post))
                continue;
            if (post.Purge is not null)
                findings.AddWrong($"post {id} is purged, and its text still has features");
            else if (row.IsDBNull(1) || row.GetInt64(1) != TextPrint.Of(post.Title, post.Body, scoresBody: false))
                findings.AddWrong($"the features of {id} are those of another text");
        }

        foreach (var id in ledger.Where(post => post.Value is { Purge: null, Observations.Count: > 0 } && !seen.Contains(post.Key)).Select(post => post.Key))
            findings.AddLost($"features of {id}");
    }

    private async Task CheckSignalsAsync(CancellationToken cancellationToken)
    {
        var seen = new HashSet<string>();
        await foreach (var row in RowsAsync("SELECT post_id, observed_at, folded FROM post_surge", cancellationToken))
        {
            var (id, at, folded) = (row.GetString(0), Microseconds(row.GetDateTime(1)), row.GetInt32(2));
            seen.Add(id);
            if (!ledger.TryGetValue(id, out var post))
                continue;
            if (post.Purge is not null)
                findings.AddWrong($"post {id} is purged, and still has a signal");
            else if (at != post.Newest || folded != post.Observations.Count)
                findings.AddWrong($"signal of {id}: {folded} observations until {at}, not {post.Observations.Count} until {post.Newest}");
        }

        foreach (var id in ledger.Where(post => post.Value is { Purge: null, Observations.Count: > 0 } && !seen.Contains(post.Key)).Select(post => post.Key))
            findings.AddLost($"signal of {id}");
    }

    private async IAsyncEnumerable<NpgsqlDataReader> RowsAsync(
        string sql, [System.Runtime.CompilerServices.EnumeratorCancellation] CancellationToken cancellationToken)
    {
        await using var command = dataSource.CreateCommand(sql);
        command.CommandTimeout = 120;
        await using var reader = await command.ExecuteReaderAsync(cancellationToken);
        while (await reader.ReadAsync(cancellationToken))
            yield return reader;
    }

    private static long Microseconds(DateTime time) => (time - DateTime.UnixEpoch).Ticks / TimeSpan.TicksPerMicrosecond;
}
