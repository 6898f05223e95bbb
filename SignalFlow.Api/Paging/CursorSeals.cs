using SignalFlow.Api.Access;

namespace SignalFlow.Api.Paging;

/// <summary>Has the <see cref="CursorSeal"/> of this installation; the first request fetches its key.</summary>
internal sealed class CursorSeals(SigningKeys keys)
{
    private CursorSeal? _seal;

    public ValueTask<CursorSeal> GetAsync(CancellationToken cancellationToken) => _seal is { } seal ? new(seal) : MakeAsync(cancellationToken);

    private async ValueTask<CursorSeal> MakeAsync(CancellationToken cancellationToken) => _seal = new(await keys.GetCursorKeyAsync(cancellationToken));
}
