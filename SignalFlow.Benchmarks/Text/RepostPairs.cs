using System.Globalization;
using System.Text;
using SignalFlow.Processing.Keywords;
using SignalFlow.Processing.Topics;

namespace SignalFlow.Benchmarks.Text;

/// <summary>Which posts tell the same, for want of a better judge: the same normalised title of three words or more, or the same link.</summary>
internal static class RepostPairs
{
    /// <summary>A pair that is found and is no repost should share that much of its subjects.</summary>
    public const double SameStory = 0.5;

    // A weekly thread of forty weeks would count as 780 pairs; beyond this size a group is one more title like "me irl".
    private const int LargestGroup = 60;

    public static HashSet<(int A, int B)> SameTitle(List<string> titles) =>
        Of(titles, title => Normalized(title) is var words && words.Count(' '.Equals) >= 2 ? words : null);

    public static HashSet<(int A, int B)> SameLink(List<string?> urls) =>
        Of(urls, url => url is not null && CanonicalLink.TryHash(url, out var hash) ? hash.ToString(CultureInfo.InvariantCulture) : null);

    /// <summary>The pairs of places whose items have the same key.</summary>
    public static HashSet<(int A, int B)> Of<T>(List<T> items, Func<T, string?> key)
    {
        var pairs = new HashSet<(int, int)>();
        foreach (var group in items.Select((item, index) => (Key: key(item), Index: index)).Where(item => item.Key is not null).GroupBy(item => item.Key))
        {
            var members = group.Select(item => item.Index).ToArray();
            if (members.Length > LargestGroup)
                continue;
            for (var b = 1; b < members.Length; b++)
            {
                for (var a = 0; a < b; a++)
                    pairs.Add((members[a], members[b]));
            }
        }

        return pairs;
    }

    public static HashSet<string> Subjects(string title) =>
        [.. Normalized(title).Split(' ').Where(word => word.Length > 0 && StopWords.RankOf(word) is WordRank.Content or WordRank.Weak)];

    /// <summary>The share of the subjects of both that both have.</summary>
    public static double Similarity(string a, string b)
    {
        var (first, second) = (Subjects(a), Subjects(b));
        return first.Count + second.Count == 0 ? 1 : (double)first.Count(second.Contains) / first.Union(second).Count();
    }

    public static string Normalized(string title)
    {
        var text = new StringBuilder(title.Length);
        foreach (var c in title)
        {
            if (char.IsLetterOrDigit(c))
                text.Append(char.ToLowerInvariant(c));
            else if (c is not ('\'' or '’') && text.Length > 0 && text[^1] != ' ')
                text.Append(' ');
        }

        return text.ToString().TrimEnd();
    }
}
