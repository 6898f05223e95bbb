using System.Text.Json;
using System.Text.Json.Serialization;
using Microsoft.AspNetCore.Http.HttpResults;
using SignalFlow.RedditSimulator.World;

namespace SignalFlow.RedditSimulator.Http;

/// <summary>
/// <c>POST /simulator/posts</c> with <c>{"count":200}</c>: as many posts more, from now on in the listings. For demonstrations: answers loopback only. Wrong
/// input is a problem+json that names the field.
/// </summary>
internal static class BurstEndpoint
{
    private const int MostPosts = 5_000;

    public static void MapBursts(this IEndpointRouteBuilder app) =>
        app.MapPost("/simulator/posts", AddAsync).AddEndpointFilter(ThisMachineOnly.InvokeAsync);

    private static async Task<Results<JsonHttpResult<AddedPosts>, ValidationProblem, ProblemHttpResult>> AddAsync(
        HttpContext context, SimulatedWorld world, WorldClock clock)
    {
        BurstRequest? request;
        try
        {
            request = await JsonSerializer.DeserializeAsync(context.Request.Body, BurstJsonContext.Default.BurstRequest, context.RequestAborted);
        }
        catch (JsonException)
        {
            request = null;
        }

        if (request?.Count is not { } count || count is < 1 or > MostPosts)
            return TypedResults.ValidationProblem(new Dictionary<string, string[]> { ["count"] = [$"must be a whole number from 1 to {MostPosts}"] });
        if (world is not SyntheticWorld synthetic)
            return TypedResults.Problem("A recorded corpus has no posts but its own.", statusCode: StatusCodes.Status409Conflict);

        clock.Begin();
        var subreddits = synthetic.Add(new PostBurst(clock.Now, count));
        return TypedResults.Json(new AddedPosts(count, subreddits), BurstJsonContext.Default.AddedPosts);
    }
}

internal sealed record BurstRequest(int? Count);

internal sealed record AddedPosts(int Posts, int Subreddits);

[JsonSerializable(typeof(BurstRequest))]
[JsonSerializable(typeof(AddedPosts))]
[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.SnakeCaseLower, UnmappedMemberHandling = JsonUnmappedMemberHandling.Disallow)]
internal sealed partial class BurstJsonContext : JsonSerializerContext;
