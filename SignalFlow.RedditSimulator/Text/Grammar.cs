using System.Collections.Frozen;
using System.Globalization;
using System.Text;
using SignalFlow.RedditSimulator.World;

namespace SignalFlow.RedditSimulator.Text;

/// <summary>
/// A grammar of weighted alternatives in the manner of Tracery (Compton, Kybartas, Mateas 2015), read from the project's text files.
/// <code>
/// [rule]           a rule; [rule@topic] replaces it within a topic
/// 3| alternative   with a weight; 1 without
/// {rule} {rule^} {rule!} {rule~}   another rule; with a capital first letter; in capitals; without its article
/// {#10-99}         a number
/// \n               a line feed
/// </code>
/// </summary>
internal sealed class Grammar
{
    private static readonly string[] Articles = ["the ", "a ", "an ", "my "];

    private readonly FrozenDictionary<string, Reference> _references;

    public Grammar(params ReadOnlySpan<string> resources)
    {
        var rules = new Dictionary<string, Rule>();
        foreach (var resource in resources)
            Read(resource, rules);

        _references = rules.Keys.Select(Name).Distinct().ToFrozenDictionary(name => name, name => new Reference(name, rules));
        foreach (var (name, rule) in rules)
            rule.Link(name, _references);
    }

    public string Expand(string rule, string topic, ref SplitMix64 random)
    {
        var text = new StringBuilder(96);
        Expand(_references[rule].In(topic), topic, text, ref random);
        return text.ToString();
    }

    private static string Name(string rule) => rule.IndexOf('@', StringComparison.Ordinal) is > 0 and var at ? rule[..at] : rule;

    private static void Expand(Rule rule, string topic, StringBuilder text, ref SplitMix64 random)
    {
        foreach (var part in rule.Choose(ref random))
        {
            var start = text.Length;
            if (part.Literal is { } literal)
                text.Append(literal);
            else if (part.Reference is { } reference)
                Expand(reference.In(topic), topic, text, ref random);
            else
                text.Append(CultureInfo.InvariantCulture, $"{part.Low + random.NextInt(part.High - part.Low + 1)}");

            if (part.Form != Form.AsIs && text.Length > start)
                Apply(part.Form, text, start);
        }
    }

    private static void Apply(Form form, StringBuilder text, int start)
    {
        if (form == Form.WithoutArticle)
        {
            var article = Articles.FirstOrDefault(article => text.Length - start > article.Length && text.ToString(start, article.Length) == article);
            text.Remove(start, article?.Length ?? 0);
            return;
        }

        var end = form == Form.Capitals ? text.Length : start + 1;
        for (var i = start; i < end; i++)
            text[i] = char.ToUpperInvariant(text[i]);
    }

    private static void Read(string resource, Dictionary<string, Rule> rules)
    {
        using var stream = typeof(Grammar).Assembly.GetManifestResourceStream(resource)!;
        using var reader = new StreamReader(stream, Encoding.UTF8);
        Rule? current = null;
        while (reader.ReadLine() is { } line)
        {
            if (line.Length == 0 || line[0] == '#')
                continue;

            if (line[0] == '[' && line[^1] == ']')
            {
                current = new Rule();
                rules.Add(line[1..^1], current);
            }
            else
            {
                current!.Add(line);
            }
        }
    }

    private enum Form
    {
        AsIs,
        Capitalised,
        Capitals,
        WithoutArticle,
    }

    private sealed class Part(string? literal, Form form = Form.AsIs, int low = 0, int high = 0)
    {
        public string? Literal => literal;

        public Form Form => form;

        public int Low => low;

        public int High => high;

        public string? Name { get; init; }

        public Reference? Reference { get; set; }

        public static Part OfSlot(string slot)
        {
            if (slot[0] == '#')
            {
                var dash = slot.IndexOf('-', StringComparison.Ordinal);
                return new Part(
                    null,
                    low: int.Parse(slot[1..dash], CultureInfo.InvariantCulture),
                    high: int.Parse(slot[(dash + 1)..], CultureInfo.InvariantCulture));
            }

            return slot[^1] switch
            {
                '^' => new Part(null, Form.Capitalised) { Name = slot[..^1] },
                '!' => new Part(null, Form.Capitals) { Name = slot[..^1] },
                '~' => new Part(null, Form.WithoutArticle) { Name = slot[..^1] },
                _ => new Part(null) { Name = slot },
            };
        }
    }

    /// <summary>A rule's name, with the rule it means in each topic.</summary>
    private sealed class Reference(string name, Dictionary<string, Rule> rules)
    {
        private readonly Rule? _general = rules.GetValueOrDefault(name);

        // Null for the many rules that are the same in every topic.
        private readonly FrozenDictionary<string, Rule>? _special = rules
            .Where(rule => rule.Key.StartsWith(name + "@", StringComparison.Ordinal))
            .ToFrozenDictionary(rule => rule.Key[(name.Length + 1)..], rule => rule.Value) is { Count: > 0 } special
                ? special
                : null;

        public Rule In(string topic) =>
            _special?.GetValueOrDefault(topic) ?? _general ?? throw new InvalidOperationException($"No rule '{name}' for topic '{topic}'.");
    }

    private sealed class Rule
    {
        private readonly List<(int Upto, Part[] Parts)> _alternatives = [];

        public void Add(string line)
        {
            var bar = line.IndexOf("| ", StringComparison.Ordinal);
            var weight = 1;
            if (bar > 0 && int.TryParse(line.AsSpan(0, bar), CultureInfo.InvariantCulture, out weight))
                line = line[(bar + 2)..];
            else
                weight = 1;

            var upto = (_alternatives.Count == 0 ? 0 : _alternatives[^1].Upto) + weight;
            _alternatives.Add((upto, Parse(line.Replace("\\n", "\n", StringComparison.Ordinal))));
        }

        public Part[] Choose(ref SplitMix64 random)
        {
            var draw = random.NextInt(_alternatives[^1].Upto);
            var (low, high) = (0, _alternatives.Count - 1);
            while (low < high)
            {
                var middle = (low + high) / 2;
                if (_alternatives[middle].Upto > draw)
                    high = middle;
                else
                    low = middle + 1;
            }

            return _alternatives[low].Parts;
        }

        public void Link(string owner, FrozenDictionary<string, Reference> references)
        {
            foreach (var part in _alternatives.SelectMany(alternative => alternative.Parts).Where(part => part.Name is not null))
            {
                part.Reference = references.GetValueOrDefault(part.Name!)
                    ?? throw new InvalidOperationException($"Rule '{owner}' refers to '{part.Name}', which there is not.");
            }
        }

        private static Part[] Parse(string line)
        {
            var parts = new List<Part>();
            while (line.Length > 0)
            {
                var open = line.IndexOf('{', StringComparison.Ordinal);
                if (open != 0)
                    parts.Add(new Part(open < 0 ? line : line[..open]));

                if (open < 0)
                    break;

                var close = line.IndexOf('}', open);
                parts.Add(Part.OfSlot(line[(open + 1)..close]));
                line = line[(close + 1)..];
            }

            return [.. parts];
        }
    }
}
