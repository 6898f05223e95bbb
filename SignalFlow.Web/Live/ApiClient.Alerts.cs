using System.Globalization;
using SignalFlow.Contracts;

namespace SignalFlow.Web.Live;

/// <summary>Alerts, rules and channels of whoever is signed in.</summary>
internal sealed partial class ApiClient
{
    private const string RulesPath = "/api/alerts/rules/";
    private const string ChannelsPath = "/api/alerts/channels/";

    /// <param name="rule">Null: of all rules.</param>
    /// <param name="state"><c>new</c> or <c>acknowledged</c>; null: all.</param>
    /// <param name="cursor">Of an earlier page; null: the newest.</param>
    /// <param name="pageSize">At most so many.</param>
    /// <param name="cancellationToken">Ends the wait.</param>
    public Task<AlertPage> GetAlertsAsync(long? rule, string? state, string? cursor, int pageSize, CancellationToken cancellationToken) => GetAsync(
        Address("/api/alerts/", ("rule", rule?.ToString(CultureInfo.InvariantCulture)), ("state", state), ("cursor", cursor), ("page_size", Number(pageSize))),
        ContractsJsonContext.Default.AlertPage,
        cancellationToken);

    public Task AcknowledgeAlertAsync(long id, CancellationToken cancellationToken) =>
        SendAsync(HttpMethod.Post, string.Create(CultureInfo.InvariantCulture, $"/api/alerts/{id}/acknowledge"), cancellationToken);

    /// <summary>All of them, of every rule.</summary>
    public async Task<int> AcknowledgeAlertsAsync(CancellationToken cancellationToken)
    {
        const string Path = "/api/alerts/acknowledge";
        using var answer = await SendAsync(HttpMethod.Post, Path, null, cancellationToken);
        return (await ReadAsync(answer, Path, ContractsJsonContext.Default.AlertsAcknowledged, cancellationToken)).Acknowledged;
    }

    public Task<AlertRuleList> GetAlertRulesAsync(CancellationToken cancellationToken) =>
        GetAsync(RulesPath, ContractsJsonContext.Default.AlertRuleList, cancellationToken);

    /// <summary>A number that no rule of one's own has is a failure with the status 404.</summary>
    public Task<AlertRuleView> GetAlertRuleAsync(long id, CancellationToken cancellationToken) =>
        GetAsync(RulePath(id), ContractsJsonContext.Default.AlertRuleView, cancellationToken);

    public Task<AlertPreviewView> PreviewAlertRuleAsync(AlertRuleDefinition rule, CancellationToken cancellationToken) => SendAsync(
        HttpMethod.Post, RulesPath + "preview", rule,
        ContractsJsonContext.Default.AlertRuleDefinition, ContractsJsonContext.Default.AlertPreviewView, cancellationToken);

    public Task<AlertRuleView> AddAlertRuleAsync(AlertRuleDefinition rule, CancellationToken cancellationToken) => SendAsync(
        HttpMethod.Post, RulesPath, rule,
        ContractsJsonContext.Default.AlertRuleDefinition, ContractsJsonContext.Default.AlertRuleView, cancellationToken);

    /// <param name="id">Of the rule.</param>
    /// <param name="version">That was seen: what was changed elsewhere since is not written over.</param>
    /// <param name="rule">All of it.</param>
    /// <param name="cancellationToken">Ends the wait.</param>
    public async Task<AlertRuleView> ReplaceAlertRuleAsync(long id, string version, AlertRuleDefinition rule, CancellationToken cancellationToken)
    {
        var path = RulePath(id);
        using var answer = await SendAsync(
            HttpMethod.Put, path, () => JsonContent.Create(rule, ContractsJsonContext.Default.AlertRuleDefinition), version, cancellationToken);
        return await ReadAsync(answer, path, ContractsJsonContext.Default.AlertRuleView, cancellationToken);
    }

    /// <param name="id">Of the rule.</param>
    /// <param name="until">Null: no longer.</param>
    /// <param name="cancellationToken">Ends the wait.</param>
    public Task<AlertRuleView> MuteAlertRuleAsync(long id, DateTimeOffset? until, CancellationToken cancellationToken) => SendAsync(
        HttpMethod.Post, RulePath(id) + "mute", new AlertMute(until),
        ContractsJsonContext.Default.AlertMute, ContractsJsonContext.Default.AlertRuleView, cancellationToken);

    public async Task DeleteAlertRuleAsync(long id, string version, CancellationToken cancellationToken)
    {
        using var answer = await SendAsync(HttpMethod.Delete, RulePath(id), null, version, cancellationToken);
    }

    public Task<AlertChannelList> GetAlertChannelsAsync(CancellationToken cancellationToken) =>
        GetAsync(ChannelsPath, ContractsJsonContext.Default.AlertChannelList, cancellationToken);

    public Task<CreatedAlertChannel> AddAlertChannelAsync(AlertChannelDefinition channel, CancellationToken cancellationToken) => SendAsync(
        HttpMethod.Post, ChannelsPath, channel,
        ContractsJsonContext.Default.AlertChannelDefinition, ContractsJsonContext.Default.CreatedAlertChannel, cancellationToken);

    /// <returns>With a secret where the target of a webhook is another one.</returns>
    public async Task<CreatedAlertChannel> ReplaceAlertChannelAsync(
        long id, string version, AlertChannelDefinition channel, CancellationToken cancellationToken)
    {
        var path = ChannelPath(id);
        using var answer = await SendAsync(
            HttpMethod.Put, path, () => JsonContent.Create(channel, ContractsJsonContext.Default.AlertChannelDefinition), version, cancellationToken);
        return await ReadAsync(answer, path, ContractsJsonContext.Default.CreatedAlertChannel, cancellationToken);
    }

    public async Task DeleteAlertChannelAsync(long id, string version, CancellationToken cancellationToken)
    {
        using var answer = await SendAsync(HttpMethod.Delete, ChannelPath(id), null, version, cancellationToken);
    }

    /// <returns>The message that was put in line.</returns>
    public async Task<Guid> TestAlertChannelAsync(long id, CancellationToken cancellationToken)
    {
        var path = ChannelPath(id) + "test";
        using var answer = await SendAsync(HttpMethod.Post, path, null, cancellationToken);
        return (await ReadAsync(answer, path, ContractsJsonContext.Default.AlertTestView, cancellationToken)).Id;
    }

    public Task<AlertDeliveryList> GetAlertDeliveriesAsync(long channel, CancellationToken cancellationToken) =>
        GetAsync(ChannelPath(channel) + "deliveries/", ContractsJsonContext.Default.AlertDeliveryList, cancellationToken);

    /// <summary>Gives a saved search an address as a feed, in place of the one it has.</summary>
    /// <remarks>The API names itself by the host it was asked under: only the paths are right for everybody.</remarks>
    public async Task<FeedAddress> AddFeedAsync(long search, CancellationToken cancellationToken)
    {
        var path = FeedPath(search);
        using var answer = await SendAsync(HttpMethod.Post, path, null, cancellationToken);
        return await ReadAsync(answer, path, ContractsJsonContext.Default.FeedAddress, cancellationToken);
    }

    public Task RemoveFeedAsync(long search, CancellationToken cancellationToken) => SendAsync(HttpMethod.Delete, FeedPath(search), cancellationToken);

    private static string RulePath(long id) => string.Create(CultureInfo.InvariantCulture, $"{RulesPath}{id}/");

    private static string ChannelPath(long id) => string.Create(CultureInfo.InvariantCulture, $"{ChannelsPath}{id}/");

    private static string FeedPath(long search) => string.Create(CultureInfo.InvariantCulture, $"/api/account/searches/{search}/feed/");
}
