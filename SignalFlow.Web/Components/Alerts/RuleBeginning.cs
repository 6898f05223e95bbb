using System.Text.RegularExpressions;
using SignalFlow.Web.Components.Search;
using SignalFlow.Web.Live;

namespace SignalFlow.Web.Components.Alerts;

/// <summary>What the fields of a new rule begin with; stands in the address of the editor.</summary>
public sealed partial record RuleBeginning(string? Kind, string? Name = null, string? Query = null, string? Authors = null, string? Subreddits = null)
{
    private const int MaxNameLength = 100;

    /// <summary>The address of the editor that begins with it.</summary>
    public string ToUri() => ApiClient.Address(
        "/alerts/rules/new",
        ("kind", Kind), ("name", Name is { Length: > MaxNameLength } ? Name[..MaxNameLength] : Name),
        ("query", Query), ("authors", Authors), ("subreddits", Subreddits));

    /// <summary>A rule that finds what a search finds, but for what rules cannot ask: sentiment, dates and order.</summary>
    /// <returns>Null: nothing is left.</returns>
    public static RuleBeginning? OfSearch(SearchRequest search)
    {
        var words = Words(search.Q);
        var parts = new List<string>();
        if (search.Keyword.Length > 0)
            parts.Add(Phrase(search.Keyword));
        if (search.Author.Length > 0)
            parts.Add("author:" + search.Author);
        if (int.TryParse(search.MinScore, out var score))
            parts.Add($"score>={score}");
        // AND binds closer than OR.
        if (words.Length > 0)
            parts.Insert(0, parts.Count > 0 && words.Contains(" OR ", StringComparison.Ordinal) ? $"({words})" : words);
        var subreddits = search.Subreddit.Length > 0 ? search.Subreddit : null;
        if (parts.Count > 0)
            return new("query", search.Q.Length > 0 ? search.Q : null, string.Join(' ', parts), null, subreddits);
        return subreddits is null ? null : OfSubreddit(subreddits);
    }

    public static RuleBeginning OfSubreddit(string name) => new("surge", $"Surges in r/{name}", null, null, name);

    public static RuleBeginning OfAuthor(string name) => new("author", $"Posts of u/{name}", null, name);

    /// <summary>Posts that have the words of a story in them.</summary>
    public static RuleBeginning OfWords(IEnumerable<string> words)
    {
        var chosen = words.Take(3).ToList();
        return new("query", string.Join(", ", chosen), string.Join(' ', chosen.Select(Phrase)));
    }

    // What a search takes for a word may be a sign of the rules' language.
    private static string Words(string search) => string.Join(' ', Terms().Matches(search).Select(term => term.Value switch
    {
        ['"', ..] or ['-', '"', ..] => Closed(term.Value),
        var word when word.Equals("or", StringComparison.OrdinalIgnoreCase) => "OR",
        "-" => "",
        ['-', .. var rest] => Plain().IsMatch(rest) ? "-" + rest : "-" + Phrase(rest),
        "AND" or "NOT" => Phrase(term.Value),
        var word => Plain().IsMatch(word) ? word : Phrase(word),
    }).Where(term => term.Length > 0));

    private static string Closed(string phrase) => phrase.Count(letter => letter == '"') == 2 ? phrase : phrase + '"';

    private static string Phrase(string text) => $"\"{text.Replace('"', ' ').Trim()}\"";

    [GeneratedRegex("""-?"[^"]*"?|\S+""")]
    private static partial Regex Terms();

    [GeneratedRegex(@"^[\p{L}\p{N}_'’][\p{L}\p{N}_'’-]*$")]
    private static partial Regex Plain();
}
