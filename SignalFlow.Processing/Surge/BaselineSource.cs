using Npgsql;
using SignalFlow.Storage.Posts;

namespace SignalFlow.Processing.Surge;

/// <summary>What the baselines of a cut are made of: stored posts and their observations before the cut.</summary>
/// <remarks>
/// Of each subreddit at most <see cref="MostPosts"/> posts of the last <see cref="Reach"/>, drawn by a hash of their ids: all hours of the day and
/// all ages have their share, the draw is the same for everybody, and the work is bounded however busy a subreddit is. TimescaleDB has not compressed
/// days as young as these by default.
/// </remarks>
internal static class BaselineSource
{
    private const int MostPosts = 400;

    /// <summary>The final score is the newest within this range of ages: the refreshes of the slowest schedule are two hours apart. Microseconds.</summary>
    private const long LeastFinalAge = 20 * 60 * SurgeWindow.Minute;

    private const long MostFinalAge = 30 * 60 * SurgeWindow.Minute;

    /// <summary>Posts are refreshed for a day.</summary>
    private static readonly TimeSpan Followed = TimeSpan.FromHours(31);

    private static readonly TimeSpan Reach = TimeSpan.FromDays(7);

    private const string Sql = """
        SELECT subreddit.name, post.id, post.created_utc, history.captured_at, history.score, history.num_comments
        FROM subreddits subreddit
        CROSS JOIN LATERAL (
          SELECT id, created_utc FROM posts
          WHERE subreddit_id = subreddit.id AND created_utc >= $1::timestamptz - $2 AND created_utc < $1 AND first_seen_at < $1 AND purged_at IS NULL
          ORDER BY hashtextextended(id, 0) LIMIT $3) AS post
        CROSS JOIN LATERAL (
          SELECT captured_at, score, num_comments FROM post_metrics_history
          WHERE post_id = post.id AND subreddit_id = subreddit.id
            AND captured_at >= post.created_utc - interval '1 day' AND captured_at < least($1, post.created_utc + $4)) AS history
        ORDER BY lower(subreddit.name) COLLATE "C", post.id, history.captured_at
        """;

    /// <returns>The rows of the cut, and of how many posts they are.</returns>
    public static async Task<(BaselineRows Rows, int Posts)> ReadAsync(
        NpgsqlConnection connection, long cut, SurgeClock clock, CancellationToken cancellationToken)
    {
        await using var command = new NpgsqlCommand(Sql, connection)
        {
            Parameters =
            {
                new NpgsqlParameter<DateTime> { TypedValue = PostWriter.ToDateTime(cut) },
                new NpgsqlParameter<TimeSpan> { TypedValue = Reach / clock.Speed },
                new NpgsqlParameter<int> { TypedValue = MostPosts },
                new NpgsqlParameter<TimeSpan> { TypedValue = Followed / clock.Speed },
            },
            // A busy month reads some millions of rows.
            CommandTimeout = 120,
        };
        await using var reader = await command.ExecuteReaderAsync(cancellationToken);
        var builder = new BaselineBuilder();
        var observations = new List<SurgeObservation>();
        var (subreddit, id, created, posts) = ("", "", 0L, 0);
        while (await reader.ReadAsync(cancellationToken))
        {
            var next = reader.GetString(1);
            if (next != id)
            {
                Add();
                var name = reader.GetString(0);
                if (!name.Equals(subreddit, StringComparison.OrdinalIgnoreCase))
                    builder.Close(subreddit);
                (subreddit, id, created) = (name, next, Felt(reader.GetDateTime(2)));
            }

            observations.Add(new(Felt(reader.GetDateTime(3)), reader.GetInt32(4), reader.GetInt32(5)));
        }

        Add();
        return (builder.Rows(), posts);

        long Felt(DateTime at) => clock.Felt((at - DateTime.UnixEpoch).Ticks / TimeSpan.TicksPerMicrosecond);

        void Add()
        {
            if (observations.Count == 0)
                return;
            builder.Add(subreddit, created, System.Runtime.InteropServices.CollectionsMarshal.AsSpan(observations), Final(created, observations));
            observations.Clear();
            posts++;
        }
    }

    /// <summary>The score at the end of a post's first day; null if nobody has looked then.</summary>
    internal static int? Final(long created, List<SurgeObservation> observations)
    {
        for (var i = observations.Count - 1; i >= 0; i--)
        {
            var age = observations[i].At - created;
            if (age < LeastFinalAge)
                return null;
            if (age <= MostFinalAge)
                return observations[i].Score;
        }

        return null;
    }
}
