using SignalFlow.Processing.Keywords;

namespace SignalFlow.Tests.Keywords;

public sealed class KeywordExtractorTests
{
    [Theory]
    [InlineData("Moving a legacy C++ code base to C# and .NET", "c++", "c#", ".net")]
    [InlineData("Node.js vs Deno for a GPT-4 chat bot", "node.js", "gpt-4", "deno")]
    [InlineData("COVID-19 cases are falling, $TSLA is not", "covid-19", "$tsla")]
    [InlineData("The march for #ClimateJustice in Oslo", "#climatejustice", "oslo")]
    [InlineData("AT&T buys a state-of-the-art network in the U.S.", "at&t", "state-of-the-art", "u.s.")]
    [InlineData("What a 3D printer and a PS5 share", "3d", "printer", "ps5")]
    public void Keeps_names_with_signs_in_them(string title, params string[] expected) =>
        Assert.All(expected, keyword => Assert.Contains(keyword, KeywordExtractor.Extract(title, null)));

    [Fact]
    public void Takes_words_and_two_word_phrases_the_weightiest_first() =>
        Assert.Equal(
            ["rust compiler", "compiler", "microsoft", "rust"],
            KeywordExtractor.Extract("Is the rust compiler faster, asks Microsoft. The rust compiler wins", null)[..4]);

    [Fact]
    public void A_pair_of_words_is_a_keyword_where_it_recurs()
    {
        Assert.Contains("harbour bridge", KeywordExtractor.Extract("Painting the harbour bridge", "They close the harbour bridge in May."));
        Assert.Contains("tide gauge", KeywordExtractor.Extract("A walk", "There is a tide gauge. Nobody reads the tide gauge."));

        var once = KeywordExtractor.Extract("Painting the harbour bridge", "They close the bridge, and the harbour too.");
        Assert.Contains("harbour", once);
        Assert.DoesNotContain("harbour bridge", once);
        Assert.All(KeywordExtractor.Extract("quick wins, wins quick", null), keyword => Assert.DoesNotContain(' ', keyword));
    }

    [Fact]
    public void At_most_ten_are_kept()
    {
        var title = "lava basalt magma crater ashes caldera fissure pumice geyser tephra obsidian";

        var keywords = KeywordExtractor.Extract(title, null);

        Assert.Equal(10, keywords.Length);
        // Of words spelled alike the longer ones weigh more; of equal weight those that stand first.
        Assert.Equal(["caldera", "fissure", "obsidian", "lava", "basalt"], keywords[..5]);
    }

    [Fact]
    public void The_weight_is_as_documented() =>
        // Capitals 3 x 1.5, seven letters 3 x 1.15, twice in the title 3 + 1.5, once there and once in the body 3 + 1, plain 3, common 3 x 0.3.
        Assert.Equal(
            ["crater", "nasa", "magma", "caldera", "lava"],
            KeywordExtractor.Extract("the crater, NASA, lava, magma, caldera, crater, people", "magma")[..5]);

    [Theory]
    [InlineData("İzmir, İZMİR", "izmir")]
    [InlineData("L’Hôtel de ville", "hôtel")]
    [InlineData("Le départ d'Edward", "edward")]
    [InlineData("ಠ_ಠ volcano O_o", "volcano")]
    public void Words_of_other_languages_are_cut_as_those_do(string title, string expected) =>
        Assert.Equal(expected, KeywordExtractor.Extract(title, null)[0]);

    [Theory]
    [InlineData("Einstein's letters", "einstein")]
    [InlineData("Einstein’s letters", "einstein")]
    [InlineData("The O’Brien diaries", "o'brien")]
    [InlineData("Players' union meets", "players")]
    public void Strips_possessives_but_not_apostrophes_inside_names(string title, string expected) =>
        Assert.Contains(expected, KeywordExtractor.Extract(title, null));

    [Theory]
    [InlineData("You don't, they’ll, isn’t it volcano")]
    [InlineData("[Edit] TL;DR: reddit post update, volcano")]
    [InlineData("2024 10,000 50% 3.14 12/24 volcano 2nd 90s 5pm")]
    [InlineData("volcano https://example.com/lava-lake?hot=1 www.example.org/magma example.com/ash me@example.com")]
    [InlineData("&amp; &#x200B; volcano &nbsp;")]
    [InlineData("u/someone and /u/other volcano")]
    [InlineData("🌋 volcano — … ¿?")]
    public void Leaves_out_what_names_no_subject(string title) =>
        Assert.Equal(["volcano"], KeywordExtractor.Extract(title, null));

    [Fact]
    public void A_number_may_make_a_name_more_precise() =>
        Assert.Contains("windows 11", KeywordExtractor.Extract("Why Windows 11 breaks old printers", null));

    [Theory]
    [InlineData("Новый вулкан на Камчатке", "вулкан")]
    [InlineData("Der neue Vulkan auf Island", "vulkan")]
    [InlineData("火山 2024", "火山")]
    [InlineData("火山噴火警報", "火山", "山噴", "噴火", "火警", "警報")]
    [InlineData("アイスランドの火山", "アイスランド", "火山")]
    [InlineData("화산 폭발", "화산", "폭발")]
    [InlineData("ภูเขาไฟ", "ภูเขาไฟ")]
    [InlineData("ज्वालामुखी विस्फोट", "ज्वालामुखी", "विस्फोट")]
    public void Keeps_other_scripts(string title, params string[] expected) =>
        Assert.All(expected, keyword => Assert.Contains(keyword, KeywordExtractor.Extract(title, null)));

    [Fact]
    public void Title_outweighs_body()
    {
        var keywords = KeywordExtractor.Extract("A volcano erupts", "The harbour is closed. The harbour may open on Friday. Volcano tours stop.");

        Assert.Equal("volcano", keywords[0]);
        Assert.True(Array.IndexOf(keywords, "harbour") > 0);
    }

    [Fact]
    public void Body_counts_up_to_its_500th_character()
    {
        var body = string.Concat(Enumerable.Repeat("and so it is ", 40)) + "Krakatoa Krakatoa";

        Assert.DoesNotContain("krakatoa", KeywordExtractor.Extract("A volcano", body));
        Assert.Contains("krakatoa", KeywordExtractor.Extract("A volcano", body[^400..]));
    }

    [Theory]
    [InlineData("What is this?", null, "what")]
    [InlineData("What is this?", "A basalt column, they say", "basalt")]
    [InlineData("こんにちは", null, "こんにちは")]
    [InlineData("OP", "", "op")]
    public void Poor_titles_give_what_they_have(string title, string? body, string expected) =>
        Assert.Equal(expected, KeywordExtractor.Extract(title, body)[0]);

    [Theory]
    [InlineData("")]
    [InlineData(" \t\n")]
    [InlineData("👍👍🏽")]
    [InlineData("511 ?!")]
    [InlineData("\uD83D\0")]
    public void Titles_without_a_word_give_none(string title) =>
        Assert.Empty(KeywordExtractor.Extract(title, null));

    [Fact]
    public void A_word_without_end_is_cut_between_characters()
    {
        var title = string.Concat(Enumerable.Repeat("𝕏", 100));

        Assert.Equal([title[..60]], KeywordExtractor.Extract(title, null));
        Assert.Equal(["a" + title[..58].ToLowerInvariant()], KeywordExtractor.Extract("a" + title, null));
    }
}
