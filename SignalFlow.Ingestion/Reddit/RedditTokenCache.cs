using System.Globalization;
using System.Net;
using System.Net.Http.Headers;
using System.Text;
using Microsoft.Extensions.Options;
using SignalFlow.Ingestion.Planning;

namespace SignalFlow.Ingestion.Reddit;

/// <summary>
/// The application-only OAuth token (client_credentials), fetched once for all callers and renewed before it expires. Reddit's
/// lifetimes have been 3,600 s and 86,400 s, so only <c>expires_in</c> counts. After a failure nobody asks again before a delay.
/// </summary>
internal sealed partial class RedditTokenCache(
    IHttpClientFactory clients, IOptions<RedditOptions> options, TimeProvider time, ILogger<RedditTokenCache> logger)
    : IDisposable
{
    private static readonly Backoff Transient = new(TimeSpan.FromSeconds(2), TimeSpan.FromMinutes(1));

    // Wrong credentials do not heal by themselves, and hammering the token endpoint with them gets an address blocked.
    private static readonly Backoff Rejected = new(TimeSpan.FromSeconds(20), TimeSpan.FromMinutes(10));

    private readonly SemaphoreSlim _fetching = new(1);
    private volatile Lease? _lease;
    // By the clock that nobody sets: of TimeProvider.GetTimestamp.
    private long _retryAt;
    private int _failures;

    public async ValueTask<TokenAnswer> GetAsync(CancellationToken cancellationToken)
    {
        if (_lease is { } lease && time.GetTimestamp() < lease.RenewAt)
            return new TokenAnswer(lease.Token, TimeSpan.Zero);

        await _fetching.WaitAsync(cancellationToken);
        try
        {
            var now = time.GetTimestamp();
            if (_lease is { } renewed && now < renewed.RenewAt)
                return new TokenAnswer(renewed.Token, TimeSpan.Zero);
            var wait = time.GetElapsedTime(now, Volatile.Read(ref _retryAt));
            if (wait > TimeSpan.Zero)
                return new TokenAnswer(null, wait);
            return await FetchAsync(cancellationToken);
        }
        finally
        {
            _fetching.Release();
        }
    }

    /// <summary>The API has accepted <paramref name="token"/>.</summary>
    public void Confirm(string token)
    {
        if (_lease is { Proved: false } lease && lease.Token == token)
            lease.Proved = true;
    }

    /// <summary>
    /// The API has refused <paramref name="token"/>: the next call fetches another. A token that never worked counts as a failure, so
    /// an API that refuses every token is not asked in a circle.
    /// </summary>
    public void Invalidate(string token)
    {
        if (_lease is not { } lease || lease.Token != token || Interlocked.CompareExchange(ref _lease, null, lease) != lease)
            return;
        if (lease.Proved)
        {
            LogExpired();
            return;
        }

        var delay = Fail(Transient, null);
        LogUseless(delay.TotalSeconds);
    }

    public void Dispose() => _fetching.Dispose();

    private async Task<TokenAnswer> FetchAsync(CancellationToken cancellationToken)
    {
        using var timeout = new CancellationTokenSource(RedditClient.Timeout, time);
        using var linked = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken, timeout.Token);
        try
        {
            using var request = CreateRequest();
            using var client = clients.CreateClient(RedditClient.HttpClientName);
            using var response = await client.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, linked.Token);
            using var body = await ResponseBody.ReadAsync(response.Content, linked.Token);
            return Judge(response, body.Utf8);
        }
        catch (Exception exception) when (RedditClient.IsFault(exception, cancellationToken))
        {
            var delay = Fail(Transient, null);
            LogUnreachable(options.Value.TokenUrl, exception.Message, delay.TotalSeconds);
            return new TokenAnswer(null, delay);
        }
    }

    private HttpRequestMessage CreateRequest()
    {
        var credentials = Encoding.UTF8.GetBytes($"{options.Value.ClientId}:{options.Value.ClientSecret}");
        return new HttpRequestMessage(HttpMethod.Post, options.Value.TokenUrl)
        {
            Headers = { Authorization = new AuthenticationHeaderValue("Basic", Convert.ToBase64String(credentials)) },
            Content = new FormUrlEncodedContent([new("grant_type", "client_credentials")]),
        };
    }

    private TokenAnswer Judge(HttpResponseMessage response, ReadOnlySpan<byte> body)
    {
        var status = response.StatusCode;
        // OAuth errors come with status 200 too, so the token decides, not the status.
        var limit = RateLimit.From(response.Headers);
        if (status == HttpStatusCode.OK && ErrorBody.Find(body, "access_token"u8) is { Length: > 0 } token)
            return Accept(token, ErrorBody.Find(body, "expires_in"u8), limit);

        TimeSpan delay;
        var error = ErrorBody.Find(body, "error"u8);
        if ((status == HttpStatusCode.OK && error is not null)
            || status is HttpStatusCode.BadRequest or HttpStatusCode.Unauthorized or HttpStatusCode.Forbidden)
        {
            delay = Fail(Rejected, null);
            LogRejected((int)status, error ?? "no reason given", delay.TotalSeconds);
        }
        else
        {
            delay = Fail(Transient, RedditClient.RetryAfter(response, time) ?? (limit is { Remaining: < 1 } ended ? ended.Reset : null));
            LogUnavailable((int)status, delay.TotalSeconds);
        }

        return new TokenAnswer(null, delay);
    }

    private TokenAnswer Accept(string token, string? expiresIn, RateLimit? limit)
    {
        // An answer without a lifetime is used for the shortest that Reddit has ever had.
        var lifetime = double.TryParse(expiresIn, NumberStyles.Float, CultureInfo.InvariantCulture, out var seconds) && seconds is > 0 and < 1e8
            ? TimeSpan.FromSeconds(seconds)
            : TimeSpan.FromHours(1);
        var margin = TimeSpan.FromSeconds(Math.Min(60, lifetime.TotalSeconds / 10));
        _lease = new Lease(token, After(lifetime - margin));
        _failures = 0;
        // The token endpoint counts by itself; the next token is not fetched before its window has ended.
        if (limit is { Remaining: < 1, Reset: var reset })
            Volatile.Write(ref _retryAt, After(reset));
        LogFetched(lifetime.TotalSeconds);
        return new TokenAnswer(token, TimeSpan.Zero);
    }

    private TimeSpan Fail(Backoff backoff, TimeSpan? asked)
    {
        var delay = asked ?? backoff.Delay(Interlocked.Increment(ref _failures), Random.Shared.NextDouble());
        Volatile.Write(ref _retryAt, After(delay));
        return delay;
    }

    private long After(TimeSpan delay) => time.GetTimestamp() + (long)(delay.TotalSeconds * time.TimestampFrequency);

    [LoggerMessage(LogLevel.Information, "Got a Reddit token that is valid for {Seconds:F0} s")]
    private partial void LogFetched(double seconds);

    [LoggerMessage(LogLevel.Information, "Reddit no longer accepts the token; fetching a new one")]
    private partial void LogExpired();

    [LoggerMessage(LogLevel.Error, "Reddit refused a token that it had just issued; the next attempt is in {Seconds:F1} s")]
    private partial void LogUseless(double seconds);

    [LoggerMessage(LogLevel.Error, "Reddit refused Reddit:ClientId and Reddit:ClientSecret (status {Status}, error {Error}); "
        + "the next attempt is in {Seconds:F1} s")]
    private partial void LogRejected(int status, string error, double seconds);

    [LoggerMessage(LogLevel.Warning, "Reddit's token endpoint answered {Status}; the next attempt is in {Seconds:F1} s")]
    private partial void LogUnavailable(int status, double seconds);

    [LoggerMessage(LogLevel.Warning, "Reddit's token endpoint {Url} does not answer ({Reason}); the next attempt is in {Seconds:F1} s")]
    private partial void LogUnreachable(Uri url, string reason, double seconds);

    private sealed class Lease(string token, long renewAt)
    {
        public string Token => token;
        public long RenewAt => renewAt;
        public bool Proved { get; set; }
    }
}

/// <param name="Token">Null when none could be had.</param>
/// <param name="RetryAfter">Without a token: how long nobody will ask for one.</param>
internal readonly record struct TokenAnswer(string? Token, TimeSpan RetryAfter);
