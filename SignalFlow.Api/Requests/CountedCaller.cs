using System.Globalization;
using SignalFlow.Api.Access;

namespace SignalFlow.Api.Requests;

/// <summary>Whom limits count: an API key, a user or, without a login, an address.</summary>
/// <param name="Kind">What it is, as it is told.</param>
/// <param name="Name">Its own among all kinds.</param>
/// <param name="PerMinute">Requests; 0: nobody counts.</param>
internal sealed record CountedCaller(string Kind, string Name, int PerMinute)
{
    // The UI's: who looks at its pages, or signs in there, is limited there by address (PageLimits, SignInGate).
    private const long ServiceKey = 0;

    /// <returns>Null: the UI.</returns>
    public static CountedCaller? Of(HttpContext context, RequestOptions options) => Caller.Of(context) switch
    {
        { KeyId: ServiceKey } => null,
        { KeyId: { } key } => new("key", string.Create(CultureInfo.InvariantCulture, $"k:{key}"), options.KeyRequestsPerMinute),
        { UserId: { } user } => new("user", $"u:{user}", options.UserRequestsPerMinute),
        { Subscriber: var address } => new("address", $"a:{address}", options.AddressRequestsPerMinute),
    };

    /// <summary>Whose places a request takes: those of a key are its owner's, or a user with ten keys would have ten times as many.</summary>
    /// <inheritdoc cref="Of"/>
    public static CountedCaller? OfPlaces(HttpContext context, RequestOptions options) => (Of(context, options), Caller.Of(context).UserId) switch
    {
        ({ Kind: "key" } key, { } owner) => key with { Kind = "user", Name = $"u:{owner}" },
        var (caller, _) => caller,
    };

    /// <inheritdoc cref="Of"/>
    public static CountedCaller? OfSignIn(HttpContext context, bool isOfUser, RequestOptions options) => Caller.Of(context) switch
    {
        { KeyId: ServiceKey } => null,
        // Only where a login is needed: elsewhere whoever guesses would show one to be counted apart.
        { UserId: { } user } when isOfUser => new("user", $"s:u:{user}", options.SignInsPerMinute),
        { Subscriber: var address } => new("address", $"s:{address}", options.SignInsPerMinute),
    };
}
