using System.Text;

namespace SignalFlow.RedditSimulator.World;

internal static class Permalinks
{
    private const int LongestSlug = 50;

    /// <summary>/r/sub/comments/id/first_words_of_title/, as Reddit makes it.</summary>
    public static string Of(string subreddit, string id, string title)
    {
        var path = new StringBuilder("/r/").Append(subreddit).Append("/comments/").Append(id).Append('/');
        var start = path.Length;
        foreach (var c in title)
        {
            if (path.Length - start >= LongestSlug)
                break;

            if (char.IsAsciiLetterOrDigit(c))
                path.Append(char.ToLowerInvariant(c));
            else if (c is ' ' or '-' && path[^1] is not ('_' or '/'))
                path.Append('_');
        }

        while (path[^1] == '_')
            path.Length--;

        return path.Length == start ? path.ToString() : path.Append('/').ToString();
    }
}
