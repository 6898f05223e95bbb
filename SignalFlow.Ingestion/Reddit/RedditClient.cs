using System.Net;
using System.Net.Http.Headers;
using System.Text.Json;
using System.Text.RegularExpressions;
using Microsoft.Extensions.Options;

namespace SignalFlow.Ingestion.Reddit;

/// <summary>
/// Asks Reddit's API, one HTTP request a call: it neither retries nor waits nor follows redirects, because when to ask again is the
/// planner's decision and counts against the quota.
/// </summary>
internal sealed partial class RedditClient(
    IHttpClientFactory clients,
    RedditTokenCache tokens,
    RedditAvailability availability,
    IOptions<RedditOptions> options,
    TimeProvider time,
    IngestionMetrics metrics)
{
    public const string HttpClientName = "reddit";

    /// <summary>What <c>/api/info</c> takes, and the longest page of a listing.</summary>
    public const int PageSize = 100;

    /// <summary>For a request as a whole, the body included.</summary>
    public static readonly TimeSpan Timeout = TimeSpan.FromSeconds(15);

    private static readonly TimeSpan LongestWait = TimeSpan.FromHours(1);

    private readonly string _baseUrl = options.Value.ApiBaseUrl.AbsoluteUri.TrimEnd('/');

    /// <summary>The newest posts of some subreddits, as one listing.</summary>
    /// <param name="kind">What for, for the metrics.</param>
    /// <param name="subreddits">Their names without <c>r/</c>; together below 1,800 characters, because longer addresses are refused.</param>
    /// <param name="after">The anchor of an earlier page, null for the first page.</param>
    /// <param name="cancellationToken">Ends the call with an exception, unlike the timeout.</param>
    public Task<RedditAnswer> GetNewAsync(
        string kind, IReadOnlyList<string> subreddits, string? after, CancellationToken cancellationToken) =>
        SendAsync(
            kind,
            $"{_baseUrl}/r/{string.Join('+', subreddits.Select(Uri.EscapeDataString))}/new?limit={PageSize}&raw_json=1"
                + (after is null ? "" : $"&after={Uri.EscapeDataString(after)}"),
            cancellationToken);

    /// <summary>The current state of at most <see cref="PageSize"/> posts; unknown ones are missing from the answer.</summary>
    public Task<RedditAnswer> GetInfoAsync(string kind, IEnumerable<string> ids, CancellationToken cancellationToken) =>
        SendAsync(kind, $"{_baseUrl}/api/info?id=t3_{string.Join(",t3_", ids)}&raw_json=1", cancellationToken);

    internal async Task<RedditAnswer> SendAsync(string kind, string address, CancellationToken cancellationToken)
    {
        var token = await tokens.GetAsync(cancellationToken);
        if (token.Token is null)
        {
            var missing = new RedditAnswer.NoToken(token.RetryAfter) { ArrivedAt = time.GetUtcNow() };
            availability.Note(missing);
            metrics.TokenMissing();
            return missing;
        }

        var start = time.GetTimestamp();
        var answer = await ExchangeAsync(address, token.Token, cancellationToken);
        answer = answer with { ArrivedAt = time.GetUtcNow() };
        availability.Note(answer);
        metrics.RequestEnded(kind, answer, time.GetElapsedTime(start));
        return answer;
    }

    private async Task<RedditAnswer> ExchangeAsync(string address, string token, CancellationToken cancellationToken)
    {
        using var timeout = new CancellationTokenSource(Timeout, time);
        using var linked = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken, timeout.Token);
        try
        {
            using var request = new HttpRequestMessage(HttpMethod.Get, address);
            request.Headers.Authorization = new AuthenticationHeaderValue("bearer", token);
            using var client = clients.CreateClient(HttpClientName);
            using var response = await client.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, linked.Token);
            using var body = await ResponseBody.ReadAsync(response.Content, linked.Token);
            if (response.StatusCode == HttpStatusCode.Unauthorized)
                tokens.Invalidate(token);
            else
                tokens.Confirm(token);
            return Judge(response, body.Utf8) with { RateLimit = RateLimit.From(response.Headers) };
        }
        catch (Exception exception) when (IsFault(exception, cancellationToken))
        {
            return new RedditAnswer.Failed(exception is OperationCanceledException ? "timeout" : "network", After: null);
        }
    }

    /// <summary>What the network does, in contrast to a caller who gives up.</summary>
    internal static bool IsFault(Exception exception, CancellationToken cancellationToken) => exception switch
    {
        OperationCanceledException => !cancellationToken.IsCancellationRequested,
        HttpRequestException or IOException or InvalidDataException => true,
        _ => false,
    };

    /// <summary>Retry-After in either of its forms, at most an hour; null where it is missing or unreadable.</summary>
    internal static TimeSpan? RetryAfter(HttpResponseMessage response, TimeProvider time)
    {
        TimeSpan? asked = response.Headers.RetryAfter switch
        {
            { Delta: { } delta } => delta,
            { Date: { } date } when date > time.GetUtcNow() => date - time.GetUtcNow(),
            _ => null,
        };
        // Reddit's windows are ten minutes long: more is a mistake, and would stop everything for as long.
        return asked > LongestWait ? LongestWait : asked;
    }

    private RedditAnswer Judge(HttpResponseMessage response, ReadOnlySpan<byte> body) => response.StatusCode switch
    {
        HttpStatusCode.OK => ReadPage(body),
        HttpStatusCode.Unauthorized => new RedditAnswer.Unauthorized(),
        HttpStatusCode.TooManyRequests => new RedditAnswer.Throttled(RetryAfter(response, time)),
        HttpStatusCode.Forbidden => new RedditAnswer.Refused(WhyForbidden(response, body)),
        HttpStatusCode.NotFound => new RedditAnswer.Refused(
            ErrorBody.Find(body, "reason"u8) == "banned" ? RefusalReason.Banned : RefusalReason.NotFound),
        HttpStatusCode.RequestTimeout => new RedditAnswer.Failed("server_error", RetryAfter(response, time)),
        >= HttpStatusCode.InternalServerError => new RedditAnswer.Failed("server_error", RetryAfter(response, time)),
        >= HttpStatusCode.MultipleChoices and < HttpStatusCode.BadRequest => WhyRedirected(response),
        >= HttpStatusCode.BadRequest => new RedditAnswer.Refused(RefusalReason.Rejected),
        _ => new RedditAnswer.Failed("invalid_answer", After: null),
    };

    private static RedditAnswer ReadPage(ReadOnlySpan<byte> body)
    {
        try
        {
            return new RedditAnswer.Page(ListingReader.Read(body));
        }
        catch (JsonException)
        {
            return new RedditAnswer.Failed("invalid_answer", After: null);
        }
    }

    private static RefusalReason WhyForbidden(HttpResponseMessage response, ReadOnlySpan<byte> body) =>
        response.Content.Headers.ContentType?.MediaType == "text/html"
            ? RefusalReason.Blocked
            : ErrorBody.Find(body, "reason"u8) switch
            {
                "private" => RefusalReason.Private,
                "quarantined" => RefusalReason.Quarantined,
                "banned" => RefusalReason.Banned,
                _ => RefusalReason.Forbidden,
            };

    private static RedditAnswer.Refused WhyRedirected(HttpResponseMessage response)
    {
        var address = response.Headers.Location?.OriginalString ?? "";
        if (address.Contains("/subreddits/search", StringComparison.Ordinal))
            return new RedditAnswer.Refused(RefusalReason.DoesNotExist);
        return RenamedSubreddit().Match(address) is { Success: true } match
            ? new RedditAnswer.Refused(RefusalReason.Renamed, match.Groups[1].Value)
            : new RedditAnswer.Refused(RefusalReason.Rejected);
    }

    [GeneratedRegex("/r/([A-Za-z0-9_]{2,50})/new")]
    private static partial Regex RenamedSubreddit();
}
