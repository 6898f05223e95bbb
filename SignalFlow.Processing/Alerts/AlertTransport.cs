using System.Net;
using System.Security.Cryptography;
using System.Text;
using Microsoft.Extensions.Options;
using SignalFlow.Storage.Alerts;

namespace SignalFlow.Processing.Alerts;

/// <param name="Status">Null: no answer came.</param>
/// <param name="Error">Null: the receiver has it.</param>
/// <param name="CanRetry">Another attempt may go better.</param>
/// <param name="RetryAfter">What the receiver asks for.</param>
internal readonly record struct SendResult(int? Status, string? Error, bool CanRetry = false, TimeSpan? RetryAfter = null);

/// <summary>
/// Posts JSON to addresses that users have given: without redirects, proxies, cookies, traces, and the handlers that the services' own clients
/// have, which would look names up in the configuration and try again by themselves.
/// </summary>
internal sealed class AlertTransport : IDisposable
{
    public const string SignatureHeader = "X-SignalFlow-Signature";
    public const string DeliveryHeader = "X-SignalFlow-Delivery";

    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(10);

    private readonly HttpMessageInvoker _client;
    private readonly TimeProvider _time;

    public AlertTransport(IOptions<AlertOptions> options, TimeProvider time)
        : this(new PublicNetwork(options.Value.AllowPrivateTargets, Dns.GetHostAddressesAsync), time)
    {
    }

    internal AlertTransport(PublicNetwork network, TimeProvider time)
    {
        _time = time;
        _client = new(new SocketsHttpHandler
        {
            AllowAutoRedirect = false,
            UseProxy = false,
            UseCookies = false,
            ActivityHeadersPropagator = null,
            ConnectCallback = network.ConnectAsync,
            // A connection that is kept is one that is not checked.
            PooledConnectionLifetime = TimeSpan.Zero,
            ConnectTimeout = Patience,
            MaxResponseHeadersLength = 16,
        });
    }

    /// <param name="secret">Signs the body; null: it is not signed.</param>
    public async Task<SendResult> PostAsync(Uri target, Guid delivery, byte[] body, string? secret, CancellationToken cancellationToken)
    {
        using var request = new HttpRequestMessage(HttpMethod.Post, target) { Content = new ByteArrayContent(body) };
        request.Content.Headers.ContentType = new("application/json") { CharSet = "utf-8" };
        request.Headers.TryAddWithoutValidation("User-Agent", "SignalFlow");
        request.Headers.Add(DeliveryHeader, delivery.ToString());
        if (secret is not null)
            request.Headers.Add(SignatureHeader, Sign(_time.GetUtcNow(), body, secret));
        using var patience = new CancellationTokenSource(Patience, _time);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(patience.Token, cancellationToken);
        try
        {
            // Only what stands above the body is read.
            using var answer = await _client.SendAsync(request, either.Token);
            return Result(answer);
        }
        catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
        {
            return new(null, "No answer came within 10 seconds.", CanRetry: true);
        }
        catch (HttpRequestException exception)
        {
            return exception.InnerException is PrivateTargetException refused
                ? new(null, refused.Message)
                : new(null, $"No connection: {exception.HttpRequestError}.", CanRetry: true);
        }
    }

    /// <summary>The time stands in the signature, so that what is recorded cannot be sent again much later.</summary>
    public static string Sign(DateTimeOffset now, byte[] body, string secret)
    {
        var time = FormattableString.Invariant($"{now.ToUnixTimeSeconds()}");
        byte[] signed = [.. Encoding.ASCII.GetBytes(time), (byte)'.', .. body];
        return $"t={time},v1={Convert.ToHexStringLower(HMACSHA256.HashData(Encoding.UTF8.GetBytes(secret), signed))}";
    }

    public void Dispose() => _client.Dispose();

    private SendResult Result(HttpResponseMessage answer)
    {
        var status = (int)answer.StatusCode;
        if (answer.IsSuccessStatusCode)
            return new(status, null);
        if (status is >= 300 and < 400)
            return new(status, "The target redirects, which is not followed.");
        var after = answer.Headers.RetryAfter;
        return new(
            status, "The target has refused it.", RetryPolicy.IsWorthRetrying(status),
            after?.Delta ?? (after?.Date is { } date ? date - _time.GetUtcNow() : null));
    }
}
