using System.IO.Compression;
using System.Text.Json;
using CsCheck;
using SignalFlow.Processing.Keywords;

namespace SignalFlow.Tests.Keywords;

public sealed class KeywordInvariantTests
{
    private static readonly string[] Words =
    [
        "the", "Volcano", "C++", "$TSLA", "#tag", "node.js", "U.S.", "don’t", "火山噴火警報", "ภูเขา",
        "a.b@c.d", "https://x.y/z", "&amp;", "😀", "u/x", "2024",
    ];

    private static readonly Gen<string> Texts = Gen.OneOf(
        Gen.String,
        Gen.OneOf(Gen.Int[0, Words.Length - 1].Select(i => Words[i]), Gen.String[0, 4]).List[0, 60].Select(words => string.Join(' ', words)));

    [Fact]
    public void Keywords_of_any_text_can_be_stored() =>
        Gen.Select(Texts, Texts).Sample((title, body) =>
        {
            var keywords = KeywordExtractor.Extract(title, body);

            Assert.InRange(keywords.Length, 0, KeywordExtractor.MaxKeywords);
            Assert.Equal(keywords.Length, keywords.Distinct(StringComparer.Ordinal).Count());
            Assert.All(keywords, keyword =>
            {
                Assert.InRange(keyword.Length, 1, KeywordExtractor.MaxKeywordLength);
                Assert.DoesNotContain('\0', keyword);
                Assert.True(IsWellFormed(keyword), "lone surrogate");
                Assert.Equal(keyword.ToLowerInvariant(), keyword);
                Assert.Contains(keyword, c => char.IsLetter(c) || char.IsSurrogate(c));
            });
            Assert.Equal(keywords, KeywordExtractor.Extract(title, body));
        });

    [Fact]
    public void A_title_of_a_mebibyte_is_read_in_part() =>
        Assert.Equal(["volcano"], KeywordExtractor.Extract(string.Concat(Enumerable.Repeat("volcano, ", 60_000)), new string('x', 1 << 20))[..1]);

    [Fact]
    public async Task Nearly_every_real_title_has_a_keyword()
    {
        if (SharedData.Path("posts") is not { } folder)
        {
            Assert.Skip("../shared/data/posts is not here");
            return;
        }

        var (titles, described) = (0, 0);
        foreach (var path in Directory.GetFiles(folder, "posts_*.jsonl.gz"))
        {
            using var reader = new StreamReader(new GZipStream(File.OpenRead(path), CompressionMode.Decompress));
            while (await reader.ReadLineAsync(TestContext.Current.CancellationToken) is { } line)
            {
                using var post = JsonDocument.Parse(line);
                titles++;
                described += KeywordExtractor.Extract(post.RootElement.GetProperty("title").GetString()!, null).Length > 0 ? 1 : 0;
            }
        }

        Assert.True(titles > 50_000, $"only {titles} titles were read");
        Assert.InRange(described, titles * 0.99, titles);
    }

    private static bool IsWellFormed(string text)
    {
        for (var i = 0; i < text.Length; i++)
        {
            if (char.IsSurrogate(text[i]) && (i + 1 == text.Length || !char.IsSurrogatePair(text[i], text[++i])))
                return false;
        }

        return true;
    }
}
