using System.Globalization;
using System.Net;
using SignalFlow.Contracts;

namespace SignalFlow.Web.Live;

/// <summary>Messages that could not be processed, for operators.</summary>
internal sealed partial class ApiClient
{
    /// <summary>Name of the client for requests that may work for long; it has no time limit of an attempt, and repeats nothing.</summary>
    public const string AsOperator = "api-as-operator";

    /// <summary>The API works for 15 seconds at most, and waits for Kafka then.</summary>
    public static readonly TimeSpan LongestWork = TimeSpan.FromSeconds(45);

    public Task<DeadLetterStats> GetDeadLetterStatsAsync(CancellationToken cancellationToken) =>
        GetAsync("/dlq/stats/", ContractsJsonContext.Default.DeadLetterStats, cancellationToken);

    /// <param name="query">As the API has it, with its <c>?</c>; empty for none.</param>
    /// <param name="cancellationToken">Ends the wait.</param>
    public Task<DeadLetterPage> ListDeadLettersAsync(string query, CancellationToken cancellationToken) =>
        GetAsync("/dlq/" + query, ContractsJsonContext.Default.DeadLetterPage, cancellationToken);

    /// <returns>Null: there is none of this number, or no more.</returns>
    public async Task<DeadLetterDetail?> FindDeadLetterAsync(long id, CancellationToken cancellationToken)
    {
        try
        {
            return await GetAsync(
                string.Create(CultureInfo.InvariantCulture, $"/dlq/{id}/"), ContractsJsonContext.Default.DeadLetterDetail, cancellationToken);
        }
        catch (ApiException exception) when (exception.StatusCode == HttpStatusCode.NotFound)
        {
            return null;
        }
    }

    public Task<DeadLetterReplayResult> ReplayDeadLettersAsync(DeadLetterReplayRequest request, CancellationToken cancellationToken) => SendAsync(
        HttpMethod.Post, "/dlq/replay", request,
        ContractsJsonContext.Default.DeadLetterReplayRequest, ContractsJsonContext.Default.DeadLetterReplayResult, cancellationToken);

    public Task<DeadLetterDiscardResult> DiscardDeadLettersAsync(DeadLetterDiscardRequest request, CancellationToken cancellationToken) => SendAsync(
        HttpMethod.Post, "/dlq/discard", request,
        ContractsJsonContext.Default.DeadLetterDiscardRequest, ContractsJsonContext.Default.DeadLetterDiscardResult, cancellationToken);
}
