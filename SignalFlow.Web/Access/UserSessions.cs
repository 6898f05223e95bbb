using System.Buffers.Text;
using System.Collections.Concurrent;
using System.Security.Cryptography;
using System.Text.Json;
using System.Text.Json.Serialization;
using Microsoft.AspNetCore.DataProtection;
using Microsoft.Extensions.Caching.Distributed;
using SignalFlow.Contracts;
using StackExchange.Redis;

namespace SignalFlow.Web.Access;

/// <summary>
/// The sign-ins. They live here and not in the cookie because a refresh token is good once: a circuit that refreshes cannot write a cookie, and two tabs
/// must not refresh with the same one. Kept in this process and, encrypted, in the distributed cache, so that a sign-in outlives the process.
/// </summary>
internal sealed partial class UserSessions(
    IHttpClientFactory clients, IDistributedCache cache, IDataProtectionProvider protection, TimeProvider time, ILogger<UserSessions> logger)
{
    /// <summary>Of a session that nobody uses; the API's refresh tokens live as long.</summary>
    public static readonly TimeSpan Lifetime = TimeSpan.FromDays(14);

    // Refreshed before it ends: a request takes time, and clocks differ.
    private static readonly TimeSpan RefreshBefore = TimeSpan.FromMinutes(1);

    // A user who was deactivated reads on for as long.
    private static readonly TimeSpan CheckInterval = TimeSpan.FromSeconds(30);

    // No page waits longer for the answer.
    private static readonly TimeSpan CheckTimeout = TimeSpan.FromSeconds(5);

    // Beyond, the least recently used is looked up in the cache again.
    private const int MaxRemembered = 10_000;

    private readonly ConcurrentDictionary<string, Entry> _entries = new(StringComparer.Ordinal);
    private readonly IDataProtector _protector = protection.CreateProtector("SignalFlow.Web.UserSessions");

    public async Task<UserSession> StartAsync(TokenPair tokens, AccountView account, CancellationToken cancellationToken)
    {
        var id = Base64Url.EncodeToString(RandomNumberGenerator.GetBytes(32));
        var session = new UserSession(id, account.Username, account.Role, tokens.Access, time.GetUtcNow().AddSeconds(tokens.ExpiresIn), tokens.Refresh);
        Remember(session).CheckedAt = time.GetTimestamp();
        await KeepAsync(session, cancellationToken);
        return session;
    }

    /// <returns>Null: it has ended.</returns>
    public async ValueTask<UserSession?> FindAsync(string id, CancellationToken cancellationToken)
    {
        if (_entries.TryGetValue(id, out var entry))
        {
            entry.UsedAt = time.GetTimestamp();
            return entry.Session;
        }

        try
        {
            if (await cache.GetAsync(Key(id), cancellationToken) is not { } kept)
                return null;
            var session = JsonSerializer.Deserialize(_protector.Unprotect(kept), UserSessionContext.Default.UserSession)!;
            return Remember(session).Session;
        }
        catch (Exception exception) when (exception is CryptographicException or JsonException or RedisException or TimeoutException)
        {
            LogUnreadable(exception.Message);
            return null;
        }
    }

    /// <summary>Whether the API still takes the user, which it is asked at most every 30 s. While it is away, all stay signed in.</summary>
    public async ValueTask<bool> IsAcceptedAsync(string id)
    {
        using var timeout = new CancellationTokenSource(CheckTimeout, time);
        if (await FindAsync(id, timeout.Token) is null || !_entries.TryGetValue(id, out var entry))
            return false;
        if (entry.CheckedAt is { } checkedAt && time.GetElapsedTime(checkedAt) < CheckInterval)
            return true;
        // Others of the same page do not ask as well. Whoever asks waits, also when the browser does not: leaving early would put off the next question.
        entry.CheckedAt = time.GetTimestamp();
        try
        {
            if (await TokenAsync(id, null, timeout.Token) is not { } token)
                return false;
            using var client = clients.CreateClient(Live.ApiClient.AsUser);
            using var request = new HttpRequestMessage(HttpMethod.Get, "/api/account/") { Headers = { Authorization = new("Bearer", token) } };
            using var answer = await client.SendAsync(request, timeout.Token);
            // A token may end before its time: the user was changed.
            return answer.StatusCode != System.Net.HttpStatusCode.Unauthorized || await TokenAsync(id, token, timeout.Token) is not null;
        }
        catch (Exception exception) when (Live.ApiClient.IsAway(exception))
        {
            return true;
        }
    }

    /// <summary>An access token that is good for a while, refreshed if need be.</summary>
    /// <param name="id">The session.</param>
    /// <param name="refused">The API has refused this token; it is not given again.</param>
    /// <returns>Null: the sign-in has ended.</returns>
    /// <exception cref="HttpRequestException">The API does not answer.</exception>
    public async ValueTask<string?> TokenAsync(string id, string? refused, CancellationToken cancellationToken)
    {
        if (await FindAsync(id, cancellationToken) is not { } session || !_entries.TryGetValue(id, out var entry))
            return null;
        if (IsGood(session, refused))
            return session.Access;

        await entry.Refreshing.WaitAsync(cancellationToken);
        try
        {
            session = entry.Session;
            // Somebody else has refreshed while we waited.
            if (session is null || IsGood(session, refused))
                return session?.Access;
            // Not given up half-way: the old token is used up as soon as the API has it.
            return (await RefreshAsync(session, entry))?.Access;
        }
        finally
        {
            entry.Refreshing.Release();
        }
    }

    public async Task EndAsync(string id, CancellationToken cancellationToken)
    {
        if (await FindAsync(id, cancellationToken) is not { } session)
            return;
        await ForgetAsync(id);
        try
        {
            using var client = clients.CreateClient(Live.ApiClient.ServiceName);
            using var answer = await client.PostAsJsonAsync(
                "/api/token/revoke/", new RefreshRequest(session.Refresh), ContractsJsonContext.Default.RefreshRequest, cancellationToken);
            answer.EnsureSuccessStatusCode();
        }
        catch (HttpRequestException exception)
        {
            // Nobody has the tokens any more; they end by themselves.
            LogNotRevoked(exception.Message);
        }
    }

    private bool IsGood(UserSession session, string? refused) =>
        session.Access != refused && session.AccessExpiresAt - time.GetUtcNow() > RefreshBefore;

    private async Task<UserSession?> RefreshAsync(UserSession session, Entry entry)
    {
        // With the service's key, as whoever signs out: without, all users of the UI would share what one address may.
        using var client = clients.CreateClient(Live.ApiClient.ServiceName);
        using var answer = await client.PostAsJsonAsync(
            "/api/token/refresh/", new RefreshRequest(session.Refresh), ContractsJsonContext.Default.RefreshRequest, CancellationToken.None);
        if (answer.StatusCode is System.Net.HttpStatusCode.Unauthorized or System.Net.HttpStatusCode.BadRequest)
        {
            await ForgetAsync(session.Id);
            return null;
        }

        answer.EnsureSuccessStatusCode();
        var tokens = (await answer.Content.ReadFromJsonAsync(ContractsJsonContext.Default.TokenPair, CancellationToken.None))!;
        var next = session with { Access = tokens.Access, AccessExpiresAt = time.GetUtcNow().AddSeconds(tokens.ExpiresIn), Refresh = tokens.Refresh };
        // Before anything else may fail: the one that was used is gone.
        entry.Session = next;
        await KeepAsync(next, CancellationToken.None);
        return next;
    }

    private Entry Remember(UserSession session)
    {
        if (_entries.Count >= MaxRemembered)
        {
            foreach (var (id, _) in _entries.OrderBy(entry => entry.Value.UsedAt).Take(MaxRemembered / 10))
                _entries.TryRemove(id, out _);
        }

        // Of two that read it at the same time, one makes the entry: there is one lock for a session.
        return _entries.GetOrAdd(session.Id, _ => new(session) { UsedAt = time.GetTimestamp() });
    }

    private async Task KeepAsync(UserSession session, CancellationToken cancellationToken)
    {
        try
        {
            var bytes = _protector.Protect(JsonSerializer.SerializeToUtf8Bytes(session, UserSessionContext.Default.UserSession));
            await cache.SetAsync(Key(session.Id), bytes, new() { SlidingExpiration = Lifetime }, cancellationToken);
        }
        catch (Exception exception) when (exception is RedisException or TimeoutException)
        {
            // It goes on in this process.
            LogNotKept(exception.Message);
        }
    }

    private async Task ForgetAsync(string id)
    {
        _entries.TryRemove(id, out _);
        try
        {
            await cache.RemoveAsync(Key(id));
        }
        catch (Exception exception) when (exception is RedisException or TimeoutException)
        {
            LogNotKept(exception.Message);
        }
    }

    private static string Key(string id) => "signalflow:web:session:" + id;

    [LoggerMessage(LogLevel.Warning, "A sign-in cannot be read and has ended: {Reason}")]
    private partial void LogUnreadable(string reason);

    [LoggerMessage(LogLevel.Warning, "A sign-in could not be kept beyond this process: {Reason}")]
    private partial void LogNotKept(string reason);

    [LoggerMessage(LogLevel.Warning, "The tokens of a sign-in that has ended could not be revoked: {Reason}")]
    private partial void LogNotRevoked(string reason);

    private sealed class Entry(UserSession session)
    {
        private UserSession _session = session;

        public UserSession Session
        {
            get => Volatile.Read(ref _session);
            set => Volatile.Write(ref _session, value);
        }

        public SemaphoreSlim Refreshing { get; } = new(1, 1);

        public long UsedAt { get; set; }

        /// <summary>When the API was last asked about the user; null: not yet.</summary>
        public long? CheckedAt { get; set; }
    }
}

[JsonSerializable(typeof(UserSession))]
internal sealed partial class UserSessionContext : JsonSerializerContext;
