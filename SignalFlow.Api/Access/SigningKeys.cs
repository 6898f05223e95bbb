using System.Security.Cryptography;

namespace SignalFlow.Api.Access;

internal sealed class SigningKeys
{
    private readonly byte[] _cursorKey = RandomNumberGenerator.GetBytes(32);

    public ValueTask<byte[]> GetCursorKeyAsync(CancellationToken cancellationToken) => cancellationToken.IsCancellationRequested ? ValueTask.FromCanceled<byte[]>(cancellationToken) : new(_cursorKey);
}
