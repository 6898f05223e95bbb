using System.Buffers.Text;
using System.Collections.Concurrent;
using System.Security.Cryptography;

namespace SignalFlow.RedditSimulator.Http;

/// <summary>Bearer tokens given out by this process; a restart forgets them, as clients must be ready for.</summary>
internal sealed class AccessTokens(TimeProvider time)
{
    private const int PruneAbove = 10_000;

    private readonly ConcurrentDictionary<string, (string Client, DateTimeOffset Expires)> _tokens = new();

    public string Issue(string client, TimeSpan lifetime)
    {
        if (_tokens.Count > PruneAbove)
            Prune();

        var token = Base64Url.EncodeToString(RandomNumberGenerator.GetBytes(30));
        _tokens[token] = (client, time.GetUtcNow() + lifetime);
        return token;
    }

    /// <summary>The client a token belongs to; null for an unknown, revoked or expired one.</summary>
    public string? ClientOf(string token) =>
        _tokens.TryGetValue(token, out var issued) && issued.Expires > time.GetUtcNow() ? issued.Client : null;

    public void Revoke(string token) => _tokens.TryRemove(token, out _);

    private void Prune()
    {
        var now = time.GetUtcNow();
        foreach (var (token, issued) in _tokens)
        {
            if (issued.Expires <= now)
                _tokens.TryRemove(token, out _);
        }
    }
}
