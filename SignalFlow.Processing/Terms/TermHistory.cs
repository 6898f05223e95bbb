using System.Runtime.InteropServices;

namespace SignalFlow.Processing.Terms;

/// <summary>
/// The hours of the last two weeks, in memory: for each an array of (term, authors). A term that no hour has any more is forgotten with its last hour,
/// so at most 336 × 4,000 rows of 8 bytes are held, and a pure function of the hours that were added: nothing depends on when that was. At 60,000
/// posts a day it is some 10 MB.
/// </summary>
internal sealed class TermHistory
{
    /// <summary>Two weeks.</summary>
    public const int MaxHours = 14 * 24;

    private readonly Queue<Hour> _hours = new();
    private readonly Dictionary<string, int> _numbers = new(StringComparer.Ordinal);
    private readonly List<Entry> _entries = [];
    private readonly Stack<int> _free = new();

    /// <summary>The first hour held.</summary>
    public DateTimeOffset? Start => _hours.Count == 0 ? null : _hours.Peek().At;

    public DateTimeOffset? Last { get; private set; }

    public int TermCount => _numbers.Count;

    public int RowCount { get; private set; }

    /// <summary>Hours must come in their order; one that is left out had no post.</summary>
    public void Add(TermHour hour)
    {
        if (hour.Hour <= Last)
            throw new ArgumentException($"The hour {hour.Hour:u} is not after {Last:u}, the last one added.", nameof(hour));

        Last = hour.Hour;
        while (_hours.TryPeek(out var oldest) && oldest.At <= hour.Hour - TimeSpan.FromHours(MaxHours))
            Forget(_hours.Dequeue());

        var rows = new Row[hour.Terms.Count];
        for (var i = 0; i < rows.Length; i++)
        {
            var term = hour.Terms[i];
            var number = NumberOf(term.Term);
            ref var entry = ref CollectionsMarshal.AsSpan(_entries)[number];
            entry.Total += term.Authors;
            entry.Rows++;
            rows[i] = new Row(number, term.Authors);
        }

        RowCount += rows.Length;
        _hours.Enqueue(new Hour(hour.Hour, hour.Volume, rows));
    }

    /// <summary>What is to be expected in a bucket that begins after the last hour, whose own hour is not yet added.</summary>
    public TermBaseline BaselineOf(DateTimeOffset bucket)
    {
        var hour = TermClock.HourOf(bucket);
        if (Last >= hour)
            throw new ArgumentException($"The bucket {bucket:u} lies in history, which reaches to {Last:u}.", nameof(bucket));

        var kind = KindAt(hour);
        var baseline = new TermBaseline(kind, _numbers, _entries.Count);
        foreach (var past in _hours)
        {
            var age = (int)((hour - past.At).Ticks / TimeSpan.TicksPerHour);
            var isSeasonal = kind switch
            {
                TermBaselineKind.HourOfWeek => age % 168 == 0,
                TermBaselineKind.HourOfDay => age % 24 == 0,
                _ => false,
            };
            // Not the last hours, or a burst would hide itself.
            var isRecent = age is > TermBaseline.RecentGap and <= TermBaseline.RecentGap + 24;
            baseline.Add(past.Volume, isSeasonal, isRecent);
            if (!isSeasonal && !isRecent)
                continue;
            foreach (var row in past.Rows)
                baseline.Add(row.Number, row.Authors, isSeasonal, isRecent);
        }

        for (var i = 0; i < _entries.Count; i++)
            baseline.AddTotal(i, _entries[i].Total, _entries[i].Term);
        return baseline;
    }

    private TermBaselineKind KindAt(DateTimeOffset hour)
    {
        var hours = Start is { } start ? (hour - start).TotalHours : 0;
        return hours switch
        {
            >= 168 => TermBaselineKind.HourOfWeek,
            >= 24 => TermBaselineKind.HourOfDay,
            >= TermBaseline.LeastHours => TermBaselineKind.RecentHours,
            _ => TermBaselineKind.None,
        };
    }

    private int NumberOf(string term)
    {
        if (_numbers.TryGetValue(term, out var number))
            return number;

        if (_free.TryPop(out number))
        {
            _entries[number] = new Entry { Term = term };
        }
        else
        {
            number = _entries.Count;
            _entries.Add(new Entry { Term = term });
        }

        _numbers.Add(term, number);
        return number;
    }

    private void Forget(Hour hour)
    {
        RowCount -= hour.Rows.Length;
        var entries = CollectionsMarshal.AsSpan(_entries);
        foreach (var row in hour.Rows)
        {
            ref var entry = ref entries[row.Number];
            entry.Total -= row.Authors;
            if (--entry.Rows > 0)
                continue;
            _numbers.Remove(entry.Term!);
            entry = default;
            _free.Push(row.Number);
        }
    }

    private struct Entry
    {
        public string? Term;
        public long Total;
        public int Rows;
    }

    private readonly record struct Row(int Number, int Authors);

    private sealed record Hour(DateTimeOffset At, int Volume, Row[] Rows);
}
