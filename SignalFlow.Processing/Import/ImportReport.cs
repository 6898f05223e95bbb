using System.Globalization;

namespace SignalFlow.Processing.Import;

/// <summary>Counts what an import does and says it: a line now and then, and all of it at the end.</summary>
internal sealed class ImportReport(TextWriter output, TimeProvider time)
{
    private static readonly TimeSpan Between = TimeSpan.FromSeconds(5);

    private readonly long _started = time.GetTimestamp();
    private long _lastLine = time.GetTimestamp();
    private long _lastRows;

    public ImportedTable Subreddits { get; } = new("subreddit_config");
    public ImportedTable Posts { get; } = new("posts");
    public ImportedTable Features { get; } = new("post_nlp_features");
    public ImportedTable History { get; } = new("post_metrics_history");

    /// <summary>Observations that only the rows of their posts tell of; they are among those of the history.</summary>
    public long OnlyOfPosts { get; set; }

    /// <summary>Posts, features or parts of them that the original lacked and the title gave.</summary>
    public long Analysed { get; set; }

    /// <summary>What differs from the original in the subreddits and stays as it is here, as sentences.</summary>
    public List<string> Differences { get; } = [];

    /// <param name="total">Posts of the source.</param>
    public void Progress(long total)
    {
        if (time.GetElapsedTime(_lastLine) < Between)
            return;
        var rows = Posts.Source + History.Source;
        var rate = (rows - _lastRows) / time.GetElapsedTime(_lastLine).TotalSeconds;
        output.WriteLine(Invariant($"{Posts.Source:N0} of {total:N0} posts, {History.Source:N0} rows of history, {rate:N0} rows/s"));
        _lastLine = time.GetTimestamp();
        _lastRows = rows;
    }

    public void Summary()
    {
        ImportedTable[] tables = [Posts, Features, History, Subreddits];
        output.WriteLine($"{"",-20}{"source",14}{"written",14}{"unchanged",14}{"repeats",14}{"left out",14}");
        foreach (var table in tables)
        {
            output.WriteLine(Invariant(
                $"{table.Name,-20}{table.Source,14:N0}{table.Written,14:N0}{table.Unchanged,14:N0}{table.Repeats,14:N0}{table.LeftOut,14:N0}"));
        }

        if (OnlyOfPosts > 0)
            output.WriteLine(Invariant($"The history includes {OnlyOfPosts:N0} observations that only the rows of posts tell of."));
        if (Analysed > 0)
            output.WriteLine(Invariant($"{Analysed:N0} posts had no usable sentiment or no keywords; these were found in the title."));
        foreach (var table in tables)
        {
            foreach (var (reason, (count, examples)) in table.Reasons)
                output.WriteLine(Invariant($"Left out of {table.Name}: {count:N0}, as {reason} ({string.Join(", ", examples)}{(count > examples.Count ? ", ..." : "")})"));
        }

        foreach (var difference in Differences)
            output.WriteLine(difference);
        output.WriteLine(Invariant($"Took {time.GetElapsedTime(_started).TotalSeconds:N1} s."));
    }

    private static string Invariant(FormattableString text) => text.ToString(CultureInfo.InvariantCulture);
}

/// <summary>Every row of a table of the source is counted once as source and once as what became of it.</summary>
internal sealed class ImportedTable(string name)
{
    private const int MostExamples = 5;

    private readonly Dictionary<string, (long Count, List<string> Examples)> _reasons = [];

    public string Name { get; } = name;

    public long Source { get; set; }
    public long Written { get; set; }

    /// <summary>Stored here already, or known here better.</summary>
    public long Unchanged { get; set; }

    /// <summary>Rows that say again what another says.</summary>
    public long Repeats { get; set; }

    public long LeftOut => _reasons.Values.Sum(reason => reason.Count);

    public IEnumerable<KeyValuePair<string, (long Count, List<string> Examples)>> Reasons => _reasons.OrderByDescending(reason => reason.Value.Count);

    public void LeaveOut(string reason, string id, long rows = 1)
    {
        if (rows == 0)
            return;
        var (count, examples) = _reasons.GetValueOrDefault(reason, (0, []));
        if (examples.Count < MostExamples && !examples.Contains(id))
            examples.Add(id);
        _reasons[reason] = (count + rows, examples);
    }
}
