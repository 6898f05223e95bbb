using SignalFlow.Api.Access;

namespace SignalFlow.Api.Paging;

/// <summary>
/// Has the <see cref="CursorSeal"/> of this installation. Its key is fetched at the start: the primary, which has it, may be away when the first
/// list is asked for, and lists are read from a standby then.
/// </summary>
internal sealed class CursorSeals(SigningKeys keys) : IHostedService
{
    private CursorSeal? _seal;

    public ValueTask<CursorSeal> GetAsync(CancellationToken cancellationToken) => _seal is { } seal ? new(seal) : MakeAsync(cancellationToken);

    public async Task StartAsync(CancellationToken cancellationToken) => await GetAsync(cancellationToken);

    public Task StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    private async ValueTask<CursorSeal> MakeAsync(CancellationToken cancellationToken) => _seal = new(await keys.GetCursorKeyAsync(cancellationToken));
}
