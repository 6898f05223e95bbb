using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Diagnostics;

namespace SignalFlow.Storage.Reading;

internal static class ReadingExtensions
{
    public static DbContextOptionsBuilder UseReading(this DbContextOptionsBuilder options) => options
        .UseQueryTrackingBehavior(QueryTrackingBehavior.NoTracking)
        // Rows of a known key have no order, and a limit without one keeps a subquery apart from what is around it.
        .ConfigureWarnings(warnings => warnings.Ignore(CoreEventId.RowLimitingOperationWithoutOrderByWarning));
}
