using System.Net;
using System.Threading.RateLimiting;
using SignalFlow.Contracts;
using SignalFlow.Web.Live;

namespace SignalFlow.Web.Access;

internal enum SignInOutcome
{
    Done,

    /// <summary>Name or password are wrong, or the user is locked out or deactivated; nobody is told which.</summary>
    Refused,
    TooMany,
    ApiAway,
}

/// <summary>
/// Trades a name and password for a session. Guesses are limited here by the browser's address: the API sees one address, ours, and counts for each user.
/// </summary>
internal sealed class SignInGate(IHttpClientFactory clients, UserSessions sessions) : IDisposable
{
    private const int PerMinute = 10;

    private readonly PartitionedRateLimiter<IPAddress> _limiter = PartitionedRateLimiter.Create<IPAddress, IPAddress>(address =>
        RateLimitPartition.GetTokenBucketLimiter(address, _ => new()
        {
            TokenLimit = PerMinute,
            TokensPerPeriod = 1,
            ReplenishmentPeriod = TimeSpan.FromMinutes(1) / PerMinute,
            QueueLimit = 0,
        }));

    public async Task<(SignInOutcome Outcome, UserSession? Session)> EnterAsync(
        string username, string password, IPAddress? address, CancellationToken cancellationToken)
    {
        using var lease = _limiter.AttemptAcquire(ServiceDefaults.ClientAddress.SubscriberOf(address ?? IPAddress.None));
        if (!lease.IsAcquired)
            return (SignInOutcome.TooMany, null);
        try
        {
            // With the service's key: the API then leaves counting by address to us.
            using var client = clients.CreateClient(ApiClient.ServiceName);
            using var answer = await client.PostAsJsonAsync(
                "/api/token/", new SignInRequest(username, password), ContractsJsonContext.Default.SignInRequest, cancellationToken);
            if (answer.StatusCode is HttpStatusCode.TooManyRequests)
                return (SignInOutcome.TooMany, null);
            if (answer.StatusCode is HttpStatusCode.Unauthorized or HttpStatusCode.BadRequest)
                return (SignInOutcome.Refused, null);
            answer.EnsureSuccessStatusCode();
            var tokens = (await answer.Content.ReadFromJsonAsync(ContractsJsonContext.Default.TokenPair, cancellationToken))!;

            using var user = clients.CreateClient(ApiClient.AsUser);
            user.DefaultRequestHeaders.Authorization = new("Bearer", tokens.Access);
            var account = (await user.GetFromJsonAsync("/api/account/", ContractsJsonContext.Default.AccountView, cancellationToken))!;
            return (SignInOutcome.Done, await sessions.StartAsync(tokens, account, cancellationToken));
        }
        catch (Exception exception) when (ApiClient.IsAway(exception) && !cancellationToken.IsCancellationRequested)
        {
            return (SignInOutcome.ApiAway, null);
        }
    }

    public void Dispose() => _limiter.Dispose();
}
