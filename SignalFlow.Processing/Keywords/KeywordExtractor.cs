namespace SignalFlow.Processing.Keywords;
#pragma warning disable CA1822
internal sealed class KeywordExtractor
{
    public string[] Extract(string title, string? selftext) => (title + selftext).ToLowerInvariant().Split(' ', 8);
}
