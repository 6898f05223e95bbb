using System.Net.Http.Headers;
using System.Net.Http.Json;
using System.Text.Json;
using Microsoft.Extensions.DependencyInjection;

namespace SignalFlow.AppHost;

/// <summary>
/// What an operator does most, as buttons in the Aspire dashboard. Those of the API sign in as <c>admin</c> with the password of this application.
/// </summary>
internal static class DashboardCommands
{
    private const int DemoPosts = 500;

    private static readonly IReadOnlyList<KeyValuePair<string, string>> Tiers = [new("fast", "Fast"), new("medium", "Medium"), new("slow", "Slow")];

    public static IResourceBuilder<ProjectResource> WithDashboardCommands(
        this IResourceBuilder<ProjectResource> api, IResourceBuilder<ParameterResource> adminPassword) => api
        .WithCommand(
            "replay-dlq", "Replay DLQ", context => ReplayAsync(api, adminPassword.Resource, context),
            new()
            {
                Description = "Sends every dead letter that is neither settled nor parked to its topic again.",
                ConfirmationMessage = "Replay all dead letters?",
                IconName = "ArrowRepeatAll",
                UpdateState = WhenHealthy,
            })
        .WithCommand(
            "add-subreddit", "Add subreddit", context => AddSubredditAsync(api, adminPassword.Resource, context),
            new() { Description = "Ingestion takes it up within a minute.", IconName = "AddCircle", UpdateState = WhenHealthy });

    /// <summary>For whoever wants to see something at once: at its usual speed the simulated Reddit has some posts a minute.</summary>
    public static IResourceBuilder<ProjectResource> WithDemoPosts(this IResourceBuilder<ProjectResource> simulator) => simulator.WithCommand(
        "load-demo-posts", "Load demo posts", context => LoadPostsAsync(simulator, context),
        new()
        {
            Description = $"{DemoPosts} posts of the last hours in all subreddits, found with the next polls.",
            IconName = "DocumentAdd",
            UpdateState = WhenHealthy,
        });

    private static async Task<ExecuteCommandResult> LoadPostsAsync(IResourceBuilder<ProjectResource> simulator, ExecuteCommandContext context)
    {
        using var client = context.Services.GetRequiredService<IHttpClientFactory>().CreateClient();
        using var answer = await client.PostAsJsonAsync(
            $"{simulator.GetEndpoint("http").Url}/simulator/posts", new { count = DemoPosts }, context.CancellationToken);
        return answer.IsSuccessStatusCode
            ? CommandResults.Success($"{DemoPosts} posts more; they are in the feed when their subreddits have been polled.")
            : await FailureAsync(answer, context.CancellationToken);
    }

    private static async Task<ExecuteCommandResult> ReplayAsync(
        IResourceBuilder<ProjectResource> api, ParameterResource adminPassword, ExecuteCommandContext context)
    {
        using var client = await SignInAsync(api, adminPassword, context);
        long replayed = 0;
        string? next = null;
        do
        {
            using var answer = await client.PostAsJsonAsync("/dlq/replay", new { all = true, @continue = next }, context.CancellationToken);
            if (!answer.IsSuccessStatusCode)
                return await FailureAsync(answer, context.CancellationToken);
            using var content = JsonDocument.Parse(await answer.Content.ReadAsStringAsync(context.CancellationToken));
            replayed += content.RootElement.GetProperty("replayed").GetInt64();
            next = content.RootElement.TryGetProperty("continue", out var token) ? token.GetString() : null;
        }
        while (next is not null);
        return CommandResults.Success($"{replayed} dead letters replayed.");
    }

    private static async Task<ExecuteCommandResult> AddSubredditAsync(
        IResourceBuilder<ProjectResource> api, ParameterResource adminPassword, ExecuteCommandContext context)
    {
        var interaction = context.Services.GetRequiredService<IInteractionService>();
        if (!interaction.IsAvailable)
            return CommandResults.Failure("The name can only be asked for in the dashboard.");
        var inputs = await interaction.PromptInputsAsync(
            "Add a subreddit", "Polled at the interval of its tier.",
            [
                new() { Name = "name", Label = "Name", InputType = InputType.Text, Required = true, Placeholder = "technology" },
                new() { Name = "tier", Label = "Tier", InputType = InputType.Choice, Required = true, Options = Tiers, Value = "medium" },
            ],
            cancellationToken: context.CancellationToken);
        if (inputs.Canceled)
            return CommandResults.Canceled();

        using var client = await SignInAsync(api, adminPassword, context);
        using var answer = await client.PostAsJsonAsync(
            "/api/admin/subreddits/", new { name = inputs.Data["name"].Value, tier = inputs.Data["tier"].Value }, context.CancellationToken);
        return answer.IsSuccessStatusCode
            ? CommandResults.Success($"r/{inputs.Data["name"].Value} is polled from the next minute on.")
            : await FailureAsync(answer, context.CancellationToken);
    }

    /// <exception cref="DistributedApplicationException">The password has been changed in the UI.</exception>
    private static async Task<HttpClient> SignInAsync(
        IResourceBuilder<ProjectResource> api, ParameterResource adminPassword, ExecuteCommandContext context)
    {
        var client = context.Services.GetRequiredService<IHttpClientFactory>().CreateClient();
        client.BaseAddress = new(api.GetEndpoint("http").Url);
        using var answer = await client.PostAsJsonAsync(
            "/api/token/", new { username = "admin", password = await adminPassword.GetValueAsync(context.CancellationToken) }, context.CancellationToken);
        if (!answer.IsSuccessStatusCode)
            throw new DistributedApplicationException("The API refuses the parameter admin-password: has the password been changed in the UI? Use the UI's own pages then.");
        using var content = JsonDocument.Parse(await answer.Content.ReadAsStringAsync(context.CancellationToken));
        client.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue("Bearer", content.RootElement.GetProperty("access").GetString());
        return client;
    }

    private static async Task<ExecuteCommandResult> FailureAsync(HttpResponseMessage answer, CancellationToken cancellationToken)
    {
        var text = await answer.Content.ReadAsStringAsync(cancellationToken);
        try
        {
            using var problem = JsonDocument.Parse(text);
            return CommandResults.Failure(
                problem.RootElement.TryGetProperty("detail", out var detail) && detail.GetString() is { } sentence
                    ? sentence
                    : problem.RootElement.GetRawText());
        }
        catch (JsonException)
        {
            return CommandResults.Failure($"The service answers with status {(int)answer.StatusCode}.");
        }
    }

    private static ResourceCommandState WhenHealthy(UpdateCommandStateContext context) =>
        context.ResourceSnapshot.HealthStatus is Microsoft.Extensions.Diagnostics.HealthChecks.HealthStatus.Healthy
            ? ResourceCommandState.Enabled
            : ResourceCommandState.Disabled;
}
