using NpgsqlTypes;
using SignalFlow.Storage.Reading.Replicas;

namespace SignalFlow.Api.ReadYourWrites;

/// <summary>
/// How far the primary's log had got when a client wrote. It travels with the client, so that whichever API process it asks next reads at
/// least that: as a cookie for browsers, as a header for programs. Without replicas there is neither.
/// </summary>
internal static class WrittenPosition
{
    public const string Cookie = "signalflow-written";
    public const string Header = "X-SignalFlow-Written";

    public static IApplicationBuilder UseWrittenPosition(this IApplicationBuilder app) => app.Use((context, next) =>
    {
        if (context.RequestServices.GetService<ReadSession>() is { } session)
        {
            Require(session, context.Request.Headers[Header]);
            Require(session, context.Request.Cookies[Cookie]);
        }

        return next(context);
    });

    /// <summary>
    /// For endpoints that write with effect on what is read: they read from the primary, and their answers carry the position that the
    /// client's next requests bring along.
    /// </summary>
    public static TBuilder MarksWrites<TBuilder>(this TBuilder endpoint)
        where TBuilder : IEndpointConventionBuilder =>
        endpoint.AddEndpointFilter<TBuilder, WriteMark>();

    // What is no position is ignored: the request then reads as any other.
    private static void Require(ReadSession session, string? text)
    {
        if (text is not null && NpgsqlLogSequenceNumber.TryParse(text, out var position))
            session.Require(position);
    }
}
