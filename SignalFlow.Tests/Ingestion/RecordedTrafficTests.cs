using System.Globalization;
using System.IO.Enumeration;
using System.Text.Json;
using SignalFlow.Ingestion.Reddit;

namespace SignalFlow.Tests.Ingestion;

/// <summary>Replays every recorded answer over HTTP against the real client.</summary>
public sealed class RecordedTrafficTests
{
    private static readonly (string Pattern, Func<RedditAnswer, bool> Expected)[] Behaviour =
    [
        ("listing_*", Page),
        ("seq_*", Page),
        ("page*", Page),
        ("search_*", Page),
        ("info_*", Page),
        ("submission_*", Page),
        ("duplicates_*", Page),
        ("modqueue_*", Page),
        ("error_401_*_step2_200*", Page),
        ("quoted_200_nonexistent_empty_listing*", Page),
        // An answer that is no listing must not pass for an empty one.
        ("about_*", answer => answer is RedditAnswer.Failed { Fault: "invalid_answer" }),
        ("ok_200_but_bad_json*", answer => answer is RedditAnswer.Failed { Fault: "invalid_answer" }),
        ("error_400_*", answer => Refused(answer, RefusalReason.Rejected)),
        ("error_401_invalid_access_token*", answer => answer is RedditAnswer.Unauthorized),
        ("error_401_*_step1_401*", answer => answer is RedditAnswer.Unauthorized),
        ("error_403_*", answer => Refused(answer, RefusalReason.Forbidden)),
        ("error_404_*", answer => Refused(answer, RefusalReason.NotFound)),
        ("error_429_with_retry_after*", answer => answer is RedditAnswer.Throttled { After: { TotalSeconds: 4 } }),
        ("error_50*", answer => answer is RedditAnswer.Failed { Fault: "server_error" }),
        ("quarantine_optin_302*", answer => Refused(answer, RefusalReason.Rejected)),
        ("redirect_301_share_url*", answer => Refused(answer, RefusalReason.Rejected)),
        ("redirect_302_nonexistent_subreddit*", answer => Refused(answer, RefusalReason.DoesNotExist)),
        ("redirect_302_random_subreddit*", answer => Refused(answer, RefusalReason.Rejected)),
        ("redirect_302_sticky*", answer => Refused(answer, RefusalReason.Rejected)),
        ("quoted_403_network_block_html*", answer => Refused(answer, RefusalReason.Blocked)),
        ("quoted_403_private_subreddit*", answer => Refused(answer, RefusalReason.Private)),
        ("quoted_404_banned_subreddit*", answer => Refused(answer, RefusalReason.Banned)),
        ("quoted_404_not_found*", answer => Refused(answer, RefusalReason.NotFound)),
    ];

    private static readonly (string Pattern, bool Accepted)[] TokenBehaviour =
    [
        ("token_client_credentials_200_*", true),
        ("token_password_200*", true),
        ("token_refresh_200_*", true),
        ("token_client_credentials_401_*", false),
        ("token_invalid_grant_HTTP200*", false),
        ("token_refresh_400_*", false),
    ];

    public static TheoryData<string> ApiAnswers => Files(name => !name.StartsWith("token_", StringComparison.Ordinal));

    public static TheoryData<string> Listings => Files(name => Behaviour.Any(row => row.Expected == Page && Matches(row.Pattern, name)));

    public static TheoryData<string> TokenAnswers => Files(name => name.StartsWith("token_", StringComparison.Ordinal));

    [Theory(SkipTestWithoutData = true)]
    [MemberData(nameof(ApiAnswers))]
    public async Task Every_recorded_answer_of_the_api_leads_to_the_documented_behaviour(string name)
    {
        var (_, expected) = Assert.Single(Behaviour, row => Matches(row.Pattern, name));
        var recording = Recording.Load(name);

        var answer = await ReplayAsync(recording);

        Assert.True(expected(answer), $"{name} led to {answer}");
        var remaining = recording.Header("x-ratelimit-remaining");
        Assert.Equal(remaining is null ? null : double.Parse(remaining, CultureInfo.InvariantCulture), answer.RateLimit?.Remaining);
    }

    [Theory(SkipTestWithoutData = true)]
    [MemberData(nameof(Listings))]
    public async Task Every_post_of_a_recorded_listing_is_read_as_the_file_has_it(string name)
    {
        var recording = Recording.Load(name);

        var page = Assert.IsType<RedditAnswer.Page>(await ReplayAsync(recording));

        // Advertisements (info_by_url has five) belong to no subreddit, so they are none of ours.
        var posts = recording.Posts.ToLookup(post => post.TryGetProperty("subreddit", out _));
        Assert.Equal(posts[true].Select(AsPost), page.Listing.Posts);
        Assert.Equal(posts[false].Count(), page.Listing.Malformed);
    }

    [Theory(SkipTestWithoutData = true)]
    [MemberData(nameof(TokenAnswers))]
    public async Task Every_recorded_answer_of_the_token_endpoint_gives_a_token_or_a_delay(string name)
    {
        var (_, accepted) = Assert.Single(TokenBehaviour, row => Matches(row.Pattern, name));
        var recording = Recording.Load(name);
        await using var server = await RedditServer.StartAsync();
        server.Token = _ => recording.Answer;
        await using var services = server.CreateServices();

        var answer = await services.GetRequiredService<RedditTokenCache>().GetAsync(TestContext.Current.CancellationToken);

        Assert.Equal(accepted ? recording.Body.GetProperty("access_token").GetString() : null, answer.Token);
        Assert.Equal(accepted, answer.RetryAfter == TimeSpan.Zero);
        Assert.Equal("Basic Y2xpZW50OnNlY3JldA== grant_type=client_credentials", Assert.Single(server.TokenRequests));
    }

    [Fact]
    public void The_recordings_are_all_there()
    {
        Assert.SkipWhen(Recording.Folder is null, "../shared/data/reddit-api is not on this machine");
        Assert.Equal(104, ApiAnswers.Count + TokenAnswers.Count);
    }

    private static async Task<RedditAnswer> ReplayAsync(Recording recording)
    {
        await using var server = await RedditServer.StartAsync();
        server.Api = _ => recording.Answer;
        await using var services = server.CreateServices();
        return await services.GetRequiredService<RedditClient>().GetNewAsync("poll", ["anything"], null, TestContext.Current.CancellationToken);
    }

    private static RedditPost AsPost(JsonElement post) => new()
    {
        Id = post.GetProperty("id").GetString()!,
        Title = post.GetProperty("title").GetString()!,
        Subreddit = post.GetProperty("subreddit").GetString()!,
        CreatedUtc = post.GetProperty("created_utc").GetDouble(),
        Score = post.GetProperty("score").GetInt32(),
        NumComments = post.GetProperty("num_comments").GetInt32(),
        Selftext = post.GetProperty("selftext").GetString(),
        Author = post.GetProperty("author").GetString(),
        UpvoteRatio = post.TryGetProperty("upvote_ratio", out var ratio) ? ratio.GetDouble() : null,
        Over18 = post.GetProperty("over_18").GetBoolean(),
        Url = post.TryGetProperty("url", out var url) ? url.GetString() : null,
        Permalink = post.GetProperty("permalink").GetString(),
        Flair = post.TryGetProperty("link_flair_text", out var flair) ? flair.GetString() : null,
        RemovedBy = RemovedBy(post),
    };

    private static string? RemovedBy(JsonElement post)
    {
        if (post.TryGetProperty("removed_by_category", out var category) && category.GetString() is { } removedBy)
            return removedBy;
        return post.GetProperty("selftext").GetString() is "[deleted]" or "[removed]" ? "deleted" : null;
    }

    private static TheoryData<string> Files(Func<string, bool> selected) =>
        Recording.Folder is { } folder
            ? [.. Directory.EnumerateFiles(folder, "*.json").Select(path => Path.GetFileName(path)).Where(selected).Order()]
            : [];

    private static bool Matches(string pattern, string name) => FileSystemName.MatchesSimpleExpression(pattern, name, ignoreCase: false);

    private static bool Page(RedditAnswer answer) => answer is RedditAnswer.Page;

    private static bool Refused(RedditAnswer answer, RefusalReason reason) =>
        answer is RedditAnswer.Refused refused && refused.Reason == reason;
}
