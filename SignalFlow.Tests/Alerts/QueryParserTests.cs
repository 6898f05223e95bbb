using CsCheck;
using Npgsql;
using SignalFlow.Storage.Alerts.Queries;

namespace SignalFlow.Tests.Alerts;

public sealed class QueryParserTests
{
    private static readonly Gen<string> Value = Gen.String[Gen.Char["ab \"\\-:()'%_;$é界/r"], 1, 12]
        .Where(text => text.Any(char.IsLetterOrDigit) && text.Trim() == text
            && !text.StartsWith("r/", StringComparison.Ordinal) && !text.StartsWith("/r/", StringComparison.Ordinal));

    private static readonly Gen<QueryNode> Term = Gen.OneOf(
        Value.Select(text => (QueryNode)new PhraseNode(text)),
        Gen.Select(Gen.Enum<PostField>(), Value).Select((field, text) => (QueryNode)new FieldNode(field, text)),
        Gen.Select(Gen.Enum<PostCounter>(), Gen.Enum<Comparison>(), Gen.Int)
            .Select((counter, sign, value) => (QueryNode)new CounterNode(counter, sign, value)));

    private static readonly Gen<QueryNode> Query = Nested(3);

    private static Gen<QueryNode> Nested(int depth) => depth == 0
        ? Term
        : Gen.OneOf(
            Term,
            Nested(depth - 1).Select(inner => (QueryNode)new NotNode(inner)),
            Gen.Select(Gen.Bool, Nested(depth - 1), Nested(depth - 1)).Select((and, left, right) => (QueryNode)new PairNode(and, left, right)));

    [Theory]
    [InlineData("rocket", "\"rocket\"")]
    [InlineData("rocket booster", "(\"rocket\" AND \"booster\")")]
    [InlineData("a OR b c", "(\"a\" OR (\"b\" AND \"c\"))")]
    [InlineData("(a OR b) AND NOT c", "((\"a\" OR \"b\") AND NOT \"c\")")]
    [InlineData("a -b -\"c d\"", "((\"a\" AND NOT \"b\") AND NOT \"c d\")")]
    [InlineData("sub:r/golang author:u/ana", "(sub:\"golang\" AND author:\"ana\")")]
    [InlineData("flair:\"Open source\" score>100 comments<=5", "((flair:\"Open source\" AND score>100) AND comments<=5)")]
    [InlineData("gpt-4 c++ and or", "(((\"gpt-4\" AND \"c++\") AND \"and\") AND \"or\")")]
    [InlineData("http://example.org", "\"http://example.org\"")]
    public void A_query_means_what_it_says(string text, string meaning) => Assert.Equal(meaning, AlertQuery.Parse(text).ToString());

    [Theory]
    [InlineData("", 1)]
    [InlineData("a AND", 6)]
    [InlineData("a OR OR b", 6)]
    [InlineData("(a", 1)]
    [InlineData("a)", 2)]
    [InlineData("()", 2)]
    [InlineData("say \"no end", 5)]
    [InlineData("NOT", 4)]
    [InlineData("a sub:", 7)]
    [InlineData("score>many", 7)]
    [InlineData("a score>99999999999", 9)]
    [InlineData("a !!!", 3)]
    [InlineData("a \0b", 3)]
    [InlineData("a \uD800", 3)]
    public void An_error_says_where_it_is(string text, int position)
    {
        Assert.False(AlertQuery.TryParse(text, out _, out var error));
        Assert.Equal(position, error.Position);
        Assert.NotEmpty(error.Message);
    }

    [Fact]
    public void What_is_printed_is_read_as_the_same() => Query.Where(query => query.ToString().Length <= AlertQuery.MaxLength).Sample(query =>
    {
        Assert.True(AlertQuery.TryParse(query.ToString(), out var read, out var error), $"{query}: {error}");
        Assert.Equal(query, read);
    });

    [Fact]
    public void Any_text_is_a_query_or_an_error_within_it() => Gen.String[Gen.Char["ab ()\"\\-:><=1ANDORT\u0000\uD83D"], 0, 40].Sample(text =>
    {
        if (AlertQuery.TryParse(text, out var query, out var error))
            Assert.Equal(query, AlertQuery.Parse(query.ToString()));
        else
            Assert.InRange(error.Position, 1, text.Length + 1);
    });

    [Fact]
    public void What_is_typed_reaches_the_statement_only_as_a_parameter() => Query.Sample(query =>
    {
        using var command = new NpgsqlCommand();
        var sql = new QuerySql(command.Parameters).Of(query);

        Assert.Equal(Values(query), command.Parameters.Select(parameter => parameter.Value));
        // Of the values nothing is left in the text: it is the same for others.
        using var other = new NpgsqlCommand();
        Assert.Equal(new QuerySql(other.Parameters).Of(Replaced(query)), sql);
    });

    [Fact]
    public void Depth_length_and_number_of_terms_are_bounded()
    {
        Assert.False(AlertQuery.TryParse(new string('(', 100) + "a" + new string(')', 100), out _, out _));
        Assert.False(AlertQuery.TryParse(string.Concat(Enumerable.Repeat("NOT ", 100)) + "a", out _, out _));
        Assert.False(AlertQuery.TryParse(string.Join(' ', Enumerable.Repeat("a", 51)), out _, out _));
        Assert.False(AlertQuery.TryParse(new string('a', 501), out _, out _));
    }

    private static IEnumerable<object> Values(QueryNode query) => query switch
    {
        PhraseNode phrase => [phrase.Text],
        FieldNode field => [field.Value],
        CounterNode counter => [counter.Value],
        NotNode not => Values(not.Inner),
        PairNode pair => Values(pair.Left).Concat(Values(pair.Right)),
        _ => throw new ArgumentOutOfRangeException(nameof(query)),
    };

    private static QueryNode Replaced(QueryNode query) => query switch
    {
        PhraseNode => new PhraseNode("x"),
        FieldNode field => field with { Value = "x" },
        CounterNode counter => counter with { Value = 1 },
        NotNode not => new NotNode(Replaced(not.Inner)),
        PairNode pair => pair with { Left = Replaced(pair.Left), Right = Replaced(pair.Right) },
        _ => throw new ArgumentOutOfRangeException(nameof(query)),
    };
}
