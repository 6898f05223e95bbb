using System.Net;
using System.Net.Sockets;

namespace SignalFlow.Tests.Infrastructure;

/// <summary>Stands before a server and can hold back everything: connections stay, new ones are accepted, nothing answers.</summary>
internal sealed class FreezableProxy : IAsyncDisposable
{
    private readonly TcpListener _listener = new(IPAddress.Loopback, 0);
    private readonly CancellationTokenSource _closed = new();
    private readonly IPEndPoint _server;
    private readonly Task _accepting;
    private volatile TaskCompletionSource _thawed = new();

    public FreezableProxy(IPEndPoint server)
    {
        _server = server;
        _thawed.SetResult();
        _listener.Start();
        _accepting = AcceptAsync();
    }

    public IPEndPoint EndPoint => (IPEndPoint)_listener.LocalEndpoint;

    public void Freeze() => _thawed = new(TaskCreationOptions.RunContinuationsAsynchronously);

    public void Thaw() => _thawed.TrySetResult();

    public async ValueTask DisposeAsync()
    {
        await _closed.CancelAsync();
        _listener.Stop();
        await _accepting;
        _closed.Dispose();
    }

    private async Task AcceptAsync()
    {
        var connections = new List<Task>();
        try
        {
            while (true)
                connections.Add(ServeAsync(await _listener.AcceptTcpClientAsync(_closed.Token)));
        }
        catch (Exception exception) when (exception is OperationCanceledException or SocketException)
        {
            await Task.WhenAll(connections);
        }
    }

    private async Task ServeAsync(TcpClient client)
    {
        using var near = client;
        using var far = new TcpClient();
        try
        {
            await _thawed.Task.WaitAsync(_closed.Token);
            await far.ConnectAsync(_server, _closed.Token);
            await Task.WhenAny(CopyAsync(near.GetStream(), far.GetStream()), CopyAsync(far.GetStream(), near.GetStream()));
        }
        catch (Exception exception) when (exception is OperationCanceledException or SocketException or IOException)
        {
            // One of both ends has gone.
        }
    }

    private async Task CopyAsync(NetworkStream from, NetworkStream to)
    {
        var buffer = new byte[16_384];
        try
        {
            while (await from.ReadAsync(buffer, _closed.Token) is > 0 and var count)
            {
                await _thawed.Task.WaitAsync(_closed.Token);
                await to.WriteAsync(buffer.AsMemory(0, count), _closed.Token);
            }
        }
        catch (Exception exception) when (exception is OperationCanceledException or SocketException or IOException or ObjectDisposedException)
        {
            // The other direction ends with this one.
        }
    }
}
