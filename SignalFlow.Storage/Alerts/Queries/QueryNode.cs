using System.Globalization;
using System.Text;

namespace SignalFlow.Storage.Alerts.Queries;

/// <summary>A condition on posts; its text is the query that means it.</summary>
public abstract record QueryNode
{
    /// <summary>How it is written; what this gives is read again as the same.</summary>
    public sealed override string ToString()
    {
        var text = new StringBuilder();
        Write(text);
        return text.ToString();
    }

    internal abstract void Write(StringBuilder text);

    /// <summary>Looks at counters, which grow after a post was first seen.</summary>
    public abstract bool ReadsCounters { get; }

    internal static void Quote(StringBuilder text, string value) =>
        text.Append('"').Append(value.Replace("\\", "\\\\", StringComparison.Ordinal).Replace("\"", "\\\"", StringComparison.Ordinal)).Append('"');
}

/// <summary>The words of <paramref name="Text"/>, one after the other, in any of their forms, in title or text.</summary>
public sealed record PhraseNode(string Text) : QueryNode
{
    public override bool ReadsCounters => false;

    internal override void Write(StringBuilder text) => Quote(text, Text);
}

public enum PostField
{
    Subreddit,
    Author,
    Flair,
}

/// <summary>A field has this value, in whatever case.</summary>
public sealed record FieldNode(PostField Field, string Value) : QueryNode
{
    public override bool ReadsCounters => false;

    internal override void Write(StringBuilder text)
    {
        text.Append(NameOf(Field)).Append(':');
        Quote(text, Value);
    }

    internal static string NameOf(PostField field) => field switch
    {
        PostField.Subreddit => "sub",
        PostField.Author => "author",
        _ => "flair",
    };
}

public enum PostCounter
{
    Score,
    Comments,
}

public enum Comparison
{
    Less,
    LessOrEqual,
    Equal,
    GreaterOrEqual,
    Greater,
}

public sealed record CounterNode(PostCounter Counter, Comparison Comparison, int Value) : QueryNode
{
    public override bool ReadsCounters => true;

    internal string Sign => Comparison switch
    {
        Comparison.Less => "<",
        Comparison.LessOrEqual => "<=",
        Comparison.Equal => "=",
        Comparison.GreaterOrEqual => ">=",
        _ => ">",
    };

    internal override void Write(StringBuilder text) =>
        text.Append(Counter == PostCounter.Score ? "score" : "comments").Append(Sign).Append(Value.ToString(CultureInfo.InvariantCulture));
}

public sealed record NotNode(QueryNode Inner) : QueryNode
{
    public override bool ReadsCounters => Inner.ReadsCounters;

    internal override void Write(StringBuilder text)
    {
        text.Append("NOT ");
        Inner.Write(text);
    }
}

/// <summary>Both or one of the two.</summary>
public sealed record PairNode(bool IsAnd, QueryNode Left, QueryNode Right) : QueryNode
{
    public override bool ReadsCounters => Left.ReadsCounters || Right.ReadsCounters;

    internal override void Write(StringBuilder text)
    {
        text.Append('(');
        Left.Write(text);
        text.Append(IsAnd ? " AND " : " OR ");
        Right.Write(text);
        text.Append(')');
    }
}
