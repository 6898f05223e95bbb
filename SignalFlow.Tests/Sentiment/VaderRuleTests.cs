using SignalFlow.Processing.Sentiment;

namespace SignalFlow.Tests.Sentiment;

/// <summary>One test for each rule that is easily got wrong; the expected scores are the reference implementation's.</summary>
public sealed class VaderRuleTests
{
    private static readonly VaderAnalyzer Analyzer = new();

    [Fact]
    public void Emoji_is_described_with_a_space_before_it_and_none_after_it()
    {
        AssertScores("The launch went well\uD83D\uDE00day", 0, 0.465, 0.535, 0.5574);
        AssertScores("The launch went well \uD83D\uDE00 day", 0, 0.521, 0.479, 0.5574);
        AssertScores("\u2764\u2764 this", 0, 0.263, 0.737, 0.8555);
    }

    [Fact]
    public void Variation_selector_sticks_to_the_last_word_of_a_description()
    {
        AssertScores("We adore it \u2764", 0, 0.278, 0.722, 0.8316);
        AssertScores("We adore it \u2764\uFE0F", 0, 0.526, 0.474, 0.5574);
    }

    [Fact]
    public void Emoji_sequences_are_read_code_point_by_code_point()
    {
        AssertScores("Watching from the sofa \uD83D\uDC68\u200D\uD83D\uDC69\u200D\uD83D\uDC67", 0, 1, 0, 0);
        AssertScores("Thumbs \uD83D\uDC4D\uD83C\uDFFD up", 0, 1, 0, 0);
    }

    [Fact]
    public void Description_words_count_as_words_of_the_text()
    {
        AssertScores("\uD83D\uDE02 \uD83D\uDE02", 0.218, 0.345, 0.437, 0.7003);
        AssertScores("\uD83D\uDE21", 0, 1, 0, 0);
        AssertScores("The \uD83D\uDC94 of it all", 0.274, 0.354, 0.372, 0.2732);
    }

    [Fact]
    public void Words_end_at_every_white_space_of_the_reference()
    {
        AssertScores("good\u001Cbad", 0.547, 0, 0.453, -0.1531);
        AssertScores("good\u0085bad terrible", 0.695, 0, 0.305, -0.5719);
        AssertScores("good\u00A0day", 0, 0.256, 0.744, 0.4404);
        AssertScores("fine\u3000work", 0, 0.357, 0.643, 0.2023);
    }

    [Fact]
    public void Characters_that_look_like_spaces_but_are_none_join_words()
    {
        AssertScores("good\u200Bday", 0, 1, 0, 0);
        AssertScores("good\uFEFFday", 0, 1, 0, 0);
        AssertScores("good\u180Eday", 0, 1, 0, 0);
    }

    [Fact]
    public void Punctuation_is_trimmed_only_where_more_than_two_characters_remain()
    {
        AssertScores("a nice day :)", 0, 0.256, 0.744, 0.7003);
        AssertScores("a nice day :).", 0, 0.517, 0.483, 0.4215);
        AssertScores("(ok)", 0, 1, 0, 0);
        AssertScores("\"great\"", 0, 0, 1, 0.6249);
        AssertScores("***awful***", 1, 0, 0, -0.4588);
        AssertScores("\u2026great\u2026", 0, 1, 0, 0);
        AssertScores("!!good!!", 0, 0, 1, 0.6209);
    }

    [Fact]
    public void Emoticons_are_looked_up_in_lower_case()
    {
        AssertScores("See you soon :D", 0, 0.427, 0.573, 0.6166);
        AssertScores("see you soon :d", 0, 0.476, 0.524, 0.5106);
        AssertScores("Well xD then", 0, 0.145, 0.855, 0.7096);
    }

    [Fact]
    public void Curly_apostrophe_does_not_negate()
    {
        AssertScores("This update isn't good", 0.445, 0.555, 0, -0.3412);
        AssertScores("This update isn\u2019t good", 0, 0.508, 0.492, 0.4404);
    }

    [Fact]
    public void Contraction_negates_wherever_it_stands_in_a_token()
    {
        AssertScores("couldn't\u201D good", 0.706, 0.294, 0, -0.3412);
        AssertScores("mustn'tve good", 0.706, 0.294, 0, -0.3412);
    }

    [Fact]
    public void Capitals_are_emphasis_only_where_not_everything_is_in_capitals()
    {
        AssertScores("That was a GREAT match", 0, 0.453, 0.547, 0.7034);
        AssertScores("THAT WAS A GREAT MATCH", 0, 0.494, 0.506, 0.6249);
        AssertScores("That was a great match", 0, 0.494, 0.506, 0.6249);
    }

    [Fact]
    public void Capitals_are_judged_by_cased_characters_alone()
    {
        AssertScores("U.S.A. wins a great prize 1", 0, 0.213, 0.787, 0.9022);
        AssertScores("A1 is GOOD-ISH, great", 0, 0.423, 0.577, 0.6249);
        AssertScores("\u00C0\u00C9\u00CE is great but \u00DF GREAT", 0, 0.301, 0.699, 0.8834);
        AssertScores("\u24B6 great GREAT", 0, 0.101, 0.899, 0.873);
    }

    [Fact]
    public void Kelvin_sign_is_a_k_and_long_s_is_no_s()
    {
        AssertScores("\u212AILL the lights now", 0.644, 0.356, 0, -0.7531);
        AssertScores("\u212Aind of good work", 0, 0.508, 0.492, 0.4404);
        AssertScores("\u017Fo good work", 0, 0.408, 0.592, 0.4404);
    }

    [Fact]
    public void But_weighs_the_first_equal_valence()
    {
        AssertScores("A nice town but a long and warm drive", 0, 0.676, 0.324, 0.3291); // by the rule meant, "warm" would gain: 0.5023
        AssertScores("good food but good people and good weather", 0, 0.341, 0.659, 0.8641);
        AssertScores("nice nice but nice nice nice", 0, 0.063, 0.937, 0.9313);
        AssertScores("bad bad but bad", 0.902, 0.098, 0, -0.85);
    }

    [Fact]
    public void But_halves_before_and_raises_after()
    {
        AssertScores("I like the colour but hate the price", 0.395, 0.469, 0.137, -0.6486);
        AssertScores("I hate the price but like the colour", 0.203, 0.517, 0.28, 0.2263);
    }

    [Fact]
    public void Never_so_strengthens_instead_of_negating()
    {
        AssertScores("It was never so good", 0, 0.475, 0.525, 0.6626);
        AssertScores("It was never this good", 0, 0.502, 0.498, 0.6084);
        AssertScores("He was never really so good", 0, 0.55, 0.45, 0.6236);
    }

    [Fact]
    public void Missing_parentheses_let_so_alone_strengthen_at_distance_three()
    {
        AssertScores("players here are so good", 0, 0.517, 0.483, 0.5777);
        AssertScores("this one was this good", 0, 0.542, 0.458, 0.5228);
    }

    [Fact]
    public void Without_doubt_does_not_negate()
    {
        AssertScores("It is without doubt good work", 0, 0.444, 0.556, 0.6136);
        AssertScores("It is without doubt a good work", 0, 0.5, 0.5, 0.6136);
        AssertScores("It is without a good reason", 0.325, 0.675, 0, -0.3412);
    }

    [Fact]
    public void No_negates_the_rated_word_after_it()
    {
        AssertScores("No good came of it", 0.376, 0.624, 0, -0.3412);
        AssertScores("There was no luck or joy", 0.581, 0.419, 0, -0.6759);
        AssertScores("No, thanks", 0, 0.256, 0.744, 0.4404);
        AssertScores("NO good came", 0.805, 0.195, 0, -0.4835);
    }

    [Fact]
    public void Least_negates_unless_at_or_very_precedes()
    {
        AssertScores("The least good option", 0.445, 0.555, 0, -0.3412);
        AssertScores("At least good food", 0, 0.508, 0.492, 0.4404);
        AssertScores("the very least good", 0, 0.486, 0.514, 0.4902);
        AssertScores("least good option", 0.546, 0.454, 0, -0.3412);
    }

    [Fact]
    public void Idioms_need_three_words_before_them()
    {
        AssertScores("the bomb", 0.762, 0.238, 0, -0.4939);
        AssertScores("That new album is the bomb", 0, 0.556, 0.444, 0.6124);
        AssertScores("We all thought yeah right then", 0.375, 0.625, 0, -0.4588);
        AssertScores("Their last album was a kiss of death for the label", 0.357, 0.643, 0, -0.6124);
        AssertScores("a cake we would die for", 0.438, 0.562, 0, -0.5994);
    }

    [Fact]
    public void Idiom_is_skipped_where_the_third_word_before_is_rated()
    {
        AssertScores("I love how it is the bomb", 0, 0.379, 0.621, 0.8481);
        AssertScores("Honestly how it is the bomb", 0, 0.364, 0.636, 0.7906);
    }

    [Fact]
    public void Broken_and_beating_heart_are_idioms()
    {
        AssertScores("She has a broken heart again", 0.661, 0.339, 0, -0.8316);
        AssertScores("It has a beating heart again", 0, 0.328, 0.672, 0.8481);
    }

    [Fact]
    public void Two_word_dampeners_count_from_the_fourth_word()
    {
        AssertScores("It was only sort of good", 0, 0.657, 0.343, 0.3832);
        AssertScores("They did it just enough good", 0, 0.657, 0.343, 0.3832);
        AssertScores("kind of good", 0, 0.408, 0.592, 0.4404);
        AssertScores("the only kind of good we know", 0, 0.697, 0.303, 0.3832);
    }

    [Fact]
    public void Boosters_fade_with_distance()
    {
        AssertScores("very good", 0, 0.238, 0.762, 0.4927);
        AssertScores("very much good", 0, 0.386, 0.614, 0.4902);
        AssertScores("very much rather good", 0, 0.487, 0.513, 0.4877);
        AssertScores("EXTREMELY good work", 0, 0.337, 0.663, 0.6028);
        AssertScores("a hardly good plan", 0, 0.535, 0.465, 0.3832);
    }

    [Fact]
    public void Question_and_exclamation_marks_are_counted_in_the_whole_text()
    {
        AssertScores("good?", 0, 0, 1, 0.4404);
        AssertScores("good??", 0, 0, 1, 0.504);
        AssertScores("good???", 0, 0, 1, 0.533);
        AssertScores("good????", 0, 0, 1, 0.594);
        AssertScores("good!", 0, 0, 1, 0.4926);
        AssertScores("good!!!!!", 0, 0, 1, 0.6209);
        AssertScores("bad!!", 1, 0, 0, -0.6229);
        AssertScores("neutral!!", 0, 1, 0, 0);
    }

    [Fact]
    public void Marks_in_descriptions_do_not_count_but_marks_anywhere_in_the_text_do()
    {
        AssertScores("good \u2757", 0, 0.408, 0.592, 0.4404);
        AssertScores("good ! ? ?", 0, 0.458, 0.542, 0.5502);
    }

    [Fact]
    public void Lone_surrogates_and_NUL_are_ordinary_characters()
    {
        AssertScores("good\u0000 day", 0, 1, 0, 0);
        AssertScores("good \uD83D day", 0, 0.408, 0.592, 0.4404);
        AssertScores("\uDC00", 0, 1, 0, 0);
    }

    [Fact]
    public void Last_of_two_lexicon_entries_counts()
    {
        AssertScores("lol", 0, 0, 1, 0.4215);
        AssertScores("lmao", 0, 0, 1, 0.5994);
        AssertScores("ok then", 0, 0.312, 0.688, 0.296);
        AssertScores("sob", 1, 0, 0, -0.25);
        AssertScores("fav", 0, 0, 1, 0.4588);
    }

    [Fact]
    public void Text_without_words_scores_zero_throughout()
    {
        AssertScores("", 0, 0, 0, 0);
        AssertScores("   ", 0, 0, 0, 0);
        AssertScores("\u3000\n", 0, 0, 0, 0);
    }

    [Fact]
    public void Word_without_meaning_is_neutral()
    {
        AssertScores("\u200B", 0, 1, 0, 0);
        AssertScores("Tuesday", 0, 1, 0, 0);
    }

    [Theory]
    [InlineData(0.05, "positive")]
    [InlineData(0.0499, "neutral")]
    [InlineData(0, "neutral")]
    [InlineData(-0.0499, "neutral")]
    [InlineData(-0.05, "negative")]
    public void Label_is_cut_at_five_hundredths(double compound, string label) =>
        Assert.Equal(label, new SentimentScores(0, 1, 0, compound).Label);

    private static void AssertScores(string text, double negative, double neutral, double positive, double compound) =>
        Assert.Equal(new SentimentScores(negative, neutral, positive, compound), Analyzer.Score(text));
}
