using SignalFlow.Benchmarks.Text;
using SignalFlow.Contracts;
using SignalFlow.Processing.Languages;

namespace SignalFlow.Benchmarks.Terms;

/// <summary>
/// How well "not English" is told: precision and recall on hand-checked titles of seven subreddits with another language, and false alarms on all titles
/// of the programming subreddits (2020), of r/all (2024) and of the other subreddits of 2013.
/// </summary>
internal sealed class LanguageRun(List<PostObservation> posts)
{
    private static readonly string[] Programming = ["androiddev", "rust", "aws", "javascript", "rails", "Kotlin", "reduxjs"];

    public int Labelled { get; private set; }

    public double Recall { get; private set; }

    public double Precision { get; private set; }

    public double WeakRecall { get; private set; }

    public double FalseAlarmsProgramming { get; private set; }

    public double FalseAlarmsOthers { get; private set; }

    public double Unknown { get; private set; }

    public double NanosecondsPerTitle { get; private set; }

    public double BytesPerTitle { get; private set; }

    public List<string> FalseAlarms { get; } = [];

    public List<string> Missed { get; } = [];

    public object Figures() => new
    {
        labelled = Labelled,
        recall = Recall,
        precision = Precision,
        recall_weak_labels = WeakRecall,
        false_alarms_programming = FalseAlarmsProgramming,
        false_alarms_others = FalseAlarmsOthers,
        unknown = Unknown,
        ns_per_title = NanosecondsPerTitle,
        bytes_per_title = BytesPerTitle,
    };

    public void Run()
    {
        var (programming, others, unknown, found, wrong, missed) = (0, 0, 0, 0, 0, 0);
        var (programmingTitles, otherTitles, weak, weakFound) = (0, 0, 0, 0);
        foreach (var post in posts)
        {
            var language = LanguageCheck.Of(post.Title);
            var isFound = language == TitleLanguage.NotEnglish;
            unknown += language == TitleLanguage.Unknown ? 1 : 0;
            if (LabelledTitles.OtherLanguages.Contains(post.Subreddit, StringComparer.Ordinal))
            {
                (weak, weakFound) = (weak + 1, weakFound + (isFound ? 1 : 0));
                if (LabelledTitles.Neither.Contains(post.Id, StringComparer.Ordinal))
                    continue;
                Labelled++;
                var isEnglish = LabelledTitles.English.Contains(post.Id, StringComparer.Ordinal);
                found += isFound && !isEnglish ? 1 : 0;
                wrong += isFound && isEnglish ? 1 : 0;
                missed += !isFound && !isEnglish ? 1 : 0;
                if (!isFound && !isEnglish)
                    Missed.Add($"{language} {post.Title}");
                continue;
            }

            if (Programming.Contains(post.Subreddit, StringComparer.Ordinal))
                (programmingTitles, programming) = (programmingTitles + 1, programming + (isFound ? 1 : 0));
            else
                (otherTitles, others) = (otherTitles + 1, others + (isFound ? 1 : 0));
            if (isFound)
                FalseAlarms.Add($"{post.Subreddit}: {post.Title}");
        }

        Recall = Share(found, found + missed);
        Precision = Share(found, found + wrong);
        WeakRecall = Share(weakFound, weak);
        FalseAlarmsProgramming = Share(programming, programmingTitles);
        FalseAlarmsOthers = Share(others, otherTitles);
        Unknown = Share(unknown, posts.Count);
        Measure();
    }

    private void Measure()
    {
        var titles = posts.ConvertAll(post => post.Title);
        var meter = ThroughputMeter.Measure(TimeSpan.FromSeconds(0.3), titles.Count, () =>
        {
            var sum = 0;
            foreach (var title in titles)
                sum += (int)LanguageCheck.Of(title);
            return sum;
        });
        NanosecondsPerTitle = Math.Round(1e9 / meter.PerCpuSecond);
        BytesPerTitle = Math.Round(meter.BytesPerItem, 3);
    }

    private static double Share(int part, int whole) => whole == 0 ? 0 : Math.Round((double)part / whole, 4);
}
