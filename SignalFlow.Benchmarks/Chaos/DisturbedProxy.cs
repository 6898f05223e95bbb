using System.Net;
using System.Net.Sockets;

namespace SignalFlow.Benchmarks.Chaos;

/// <summary>Stands before a server, and can be slow, silent or gone.</summary>
internal sealed class DisturbedProxy : IAsyncDisposable
{
    private readonly TcpListener _listener = new(IPAddress.Loopback, 0);
    private readonly CancellationTokenSource _closed = new();
    private readonly Func<int> _port;
    private readonly Task _accepting;
    private volatile CancellationTokenSource _cut = new();
    private volatile TaskCompletionSource _flows = new();
    private long _delayTicks;
    private volatile bool _isDown;

    /// <param name="port">Of the server; asked for each connection.</param>
    public DisturbedProxy(Func<int> port)
    {
        _port = port;
        _flows.SetResult();
        _listener.Start(512);
        _accepting = AcceptAsync();
    }

    public int Port => ((IPEndPoint)_listener.LocalEndpoint).Port;

    /// <summary>How long each answer of the server is held back.</summary>
    public TimeSpan Delay
    {
        get => TimeSpan.FromTicks(Volatile.Read(ref _delayTicks));
        set => Volatile.Write(ref _delayTicks, value.Ticks);
    }

    /// <summary>Connections stay and new ones are accepted, but nothing answers.</summary>
    public void Freeze() => _flows = new(TaskCreationOptions.RunContinuationsAsynchronously);

    public void Thaw() => _flows.TrySetResult();

    /// <summary>Cuts all connections and each new one.</summary>
    public void TakeDown()
    {
        _isDown = true;
        CutAll();
    }

    public void BringUp() => _isDown = false;

    public void CutAll() => Interlocked.Exchange(ref _cut, new()).Cancel();

    public async ValueTask DisposeAsync()
    {
        await _closed.CancelAsync();
        CutAll();
        _listener.Stop();
        await _accepting;
    }

    private async Task AcceptAsync()
    {
        try
        {
            while (true)
                _ = ServeAsync(await _listener.AcceptTcpClientAsync(_closed.Token));
        }
        catch (Exception exception) when (exception is OperationCanceledException or SocketException)
        {
            // Closed.
        }
    }

    private async Task ServeAsync(TcpClient client)
    {
        using var near = client;
        using var far = new TcpClient { NoDelay = true };
        near.NoDelay = true;
        var cut = _cut.Token;
        if (_isDown)
            return;
        try
        {
            await _flows.Task.WaitAsync(cut);
            await far.ConnectAsync(IPAddress.Loopback, _port(), cut);
            await Task.WhenAny(
                CopyAsync(near.GetStream(), far.GetStream(), isAnswer: false, cut),
                CopyAsync(far.GetStream(), near.GetStream(), isAnswer: true, cut));
        }
        catch (Exception exception) when (exception is OperationCanceledException or SocketException or IOException)
        {
            // One of both ends has gone.
        }
    }

    private async Task CopyAsync(NetworkStream from, NetworkStream to, bool isAnswer, CancellationToken cut)
    {
        var buffer = new byte[32_768];
        try
        {
            while (await from.ReadAsync(buffer, cut) is > 0 and var count)
            {
                if (isAnswer && Delay > TimeSpan.Zero)
                    await Task.Delay(Delay, cut);
                await _flows.Task.WaitAsync(cut);
                await to.WriteAsync(buffer.AsMemory(0, count), cut);
            }
        }
        catch (Exception exception) when (exception is OperationCanceledException or SocketException or IOException or ObjectDisposedException)
        {
            // The other direction ends with this one.
        }
    }
}
