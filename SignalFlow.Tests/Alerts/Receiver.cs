using System.Collections.Concurrent;
using Microsoft.AspNetCore.Hosting.Server.Features;
using IServer = Microsoft.AspNetCore.Hosting.Server.IServer;

namespace SignalFlow.Tests.Alerts;

/// <summary>What a webhook got.</summary>
internal sealed record Received(string Path, string Delivery, string? Signature, byte[] Body)
{
    public string Text => System.Text.Encoding.UTF8.GetString(Body);
}

/// <summary>A program that takes webhooks, over HTTP on this machine.</summary>
internal sealed class Receiver : IAsyncDisposable
{
    private readonly WebApplication _app;

    private Receiver(WebApplication app) => _app = app;

    public ConcurrentQueue<Received> Messages { get; } = new();

    /// <summary>Answers; the number is that of the message, from 1.</summary>
    public Func<HttpContext, int, Task> Answer { get; set; } = (http, _) =>
    {
        http.Response.StatusCode = 204;
        return Task.CompletedTask;
    };

    public int Port => new Uri(_app.Services.GetRequiredService<IServer>().Features.Get<IServerAddressesFeature>()!.Addresses.First()).Port;

    public string Address => $"http://127.0.0.1:{Port}/hook";

    public static async Task<Receiver> StartAsync()
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.UseUrls("http://127.0.0.1:0");
        var app = builder.Build();
        var receiver = new Receiver(app);
        app.Run(receiver.TakeAsync);
        await app.StartAsync(TestContext.Current.CancellationToken);
        return receiver;
    }

    private async Task TakeAsync(HttpContext http)
    {
        using var body = new MemoryStream();
        await http.Request.Body.CopyToAsync(body);
        var headers = http.Request.Headers;
        Messages.Enqueue(new(http.Request.Path, headers["X-SignalFlow-Delivery"].ToString(), headers["X-SignalFlow-Signature"], body.ToArray()));
        await Answer(http, Messages.Count);
    }

    public async ValueTask DisposeAsync()
    {
        await _app.StopAsync();
        await _app.DisposeAsync();
    }
}
