using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Diagnostics;
using Microsoft.Extensions.Logging;

namespace SignalFlow.Storage.Reading;

internal static class ReadingExtensions
{
    public static DbContextOptionsBuilder UseReading(this DbContextOptionsBuilder options) => options
        .UseQueryTrackingBehavior(QueryTrackingBehavior.NoTracking)
        // Rows of a known key have no order, and a limit without one keeps a subquery apart from what is around it.
        .ConfigureWarnings(warnings => warnings
            .Ignore(CoreEventId.RowLimitingOperationWithoutOrderByWarning)
            // Whoever asked logs it, in a line; while the database is away these would be ninety for each request.
            .Log((RelationalEventId.ConnectionError, LogLevel.Debug), (CoreEventId.QueryIterationFailed, LogLevel.Debug)));
}
