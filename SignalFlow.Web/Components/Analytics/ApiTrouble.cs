using System.Net;
using System.Text.Json;
using Polly;

namespace SignalFlow.Web.Components.Analytics;

/// <summary>What may come instead of an answer of the API. The client has logged it, and has tried several times.</summary>
internal static class ApiTrouble
{
    public static bool IsAway(Exception exception) =>
        exception is HttpRequestException or OperationCanceledException or JsonException or ExecutionRejectedException;

    public static bool IsUnknown(Exception exception) => exception is HttpRequestException { StatusCode: HttpStatusCode.NotFound };
}
