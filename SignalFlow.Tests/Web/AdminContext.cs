using System.Net;
using System.Security.Claims;
using AngleSharp.Dom;
using Bunit;
using Bunit.TestDoubles;
using Microsoft.AspNetCore.Components;
using Microsoft.Extensions.Time.Testing;
using SignalFlow.Contracts;
using SignalFlow.Web.Access;
using SignalFlow.Web.Components.Alerts;
using SignalFlow.Web.Live;

namespace SignalFlow.Tests.Web;

/// <summary>Somebody who is signed in looks at an island that changes things.</summary>
public abstract class AdminContext : BunitContext, IAsyncLifetime
{
    private readonly BunitAuthorizationContext _viewer;
    private string _session = "";

    protected AdminContext()
    {
        Services.AddSingleton<TimeProvider>(Time);
        Services.AddDistributedMemoryCache();
        Services.AddDataProtection();
        Services.AddSingleton<UserSessions>();
        Services.AddScoped<CurrentUser>();
        Services.AddScoped<ApiClient>();
        Services.AddScoped<NewAlerts>();
        foreach (var name in new[] { ApiClient.ServiceName, ApiClient.AsUser })
        {
            Services.AddHttpClient(name, client => client.BaseAddress = ApiClient.ServiceAddress)
                .ConfigurePrimaryHttpMessageHandler(() => Api).SetHandlerLifetime(Timeout.InfiniteTimeSpan);
        }

        _viewer = AddAuthorization();
        _viewer.SetAuthorized("ana");
        SetRendererInfo(new RendererInfo("Server", isInteractive: true));
        Browser = JSInterop.SetupModule("./admin.js");
    }

    internal ScriptedApi Api { get; } = new();

    protected FakeTimeProvider Time { get; } = new(Posts.Now);

    protected BunitJSModuleInterop Browser { get; }

    public async ValueTask InitializeAsync()
    {
        var session = await Services.GetRequiredService<UserSessions>().StartAsync(
            new TokenPair("access", "refresh", 3600), new AccountView("ana", "admin"), Xunit.TestContext.Current.CancellationToken);
        _session = session.Id;
        _viewer.SetClaims(new Claim(CurrentUser.SessionClaim, _session));
    }

    /// <summary>As somebody else's "sign out everywhere" does.</summary>
    protected Task EndSessionAsync()
    {
        Api.On("POST /api/token/revoke/", HttpStatusCode.NoContent);
        return Services.GetRequiredService<UserSessions>().EndAsync(_session, Xunit.TestContext.Current.CancellationToken);
    }

    private protected static IElement Part(IRenderedComponent<IComponent> page, string id) => page.Find($"[data-testid={id}]");

    private protected static string Text(IElement element) =>
        string.Join(' ', element.TextContent.Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries));
}
