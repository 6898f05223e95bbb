using System.Collections.Frozen;
using System.Globalization;
using Microsoft.AspNetCore.WebUtilities;
using SignalFlow.Contracts;

namespace SignalFlow.Web.Components.Ops;

/// <summary>Which letters the inbox shows, and which of them is open. Lives in the address of the page.</summary>
internal sealed record DeadLetterQuery
{
    public const int PageSize = 50;

    /// <summary>All states but the settled ones.</summary>
    public const string Open = "new,replaying,failed_again,parked";

    public static readonly IReadOnlyList<(string Value, string Words)> AgeChoices =
        [("1h", "the last hour"), ("1d", "the last day"), ("7d", "the last 7 days")];

    private static readonly FrozenDictionary<string, TimeSpan> Spans = new Dictionary<string, TimeSpan>
    {
        ["1h"] = TimeSpan.FromHours(1),
        ["1d"] = TimeSpan.FromDays(1),
        ["7d"] = TimeSpan.FromDays(7),
    }.ToFrozenDictionary();

    public string State { get; init; } = "";
    public string ErrorClass { get; init; } = "";
    public string Topic { get; init; } = "";
    public string PostId { get; init; } = "";

    /// <summary>One of <see cref="AgeChoices"/>; stands in for <see cref="From"/>.</summary>
    public string Age { get; init; } = "";

    /// <summary>A day, as <see cref="To"/>.</summary>
    public string From { get; init; } = "";

    public string To { get; init; } = "";

    /// <summary>Of the API: where the page begins.</summary>
    public string Cursor { get; init; } = "";

    /// <summary>The letter whose content is shown.</summary>
    public long? Letter { get; init; }

    public bool IsFiltered => this with { Cursor = "", Letter = null } != new DeadLetterQuery();

    public static DeadLetterQuery FromUri(string uri)
    {
        var query = QueryHelpers.ParseQuery(new Uri(uri).Query);
        string Text(string name) => query.TryGetValue(name, out var value) ? value.ToString().Trim() : "";
        return new()
        {
            State = Text("state"),
            ErrorClass = Text("error_class"),
            Topic = Text("topic"),
            PostId = Text("post_id"),
            Age = Spans.ContainsKey(Text("age")) ? Text("age") : "",
            From = Text("from"),
            To = Text("to"),
            Cursor = Text("cursor"),
            Letter = long.TryParse(Text("letter"), NumberStyles.None, CultureInfo.InvariantCulture, out var letter) ? letter : null,
        };
    }

    /// <summary>The relative address of the page.</summary>
    public string ToUri() => Address(OpsView.DeadLetters.Address,
    [
        ("state", State), ("error_class", ErrorClass), ("topic", Topic), ("post_id", PostId), ("age", Age), ("from", From), ("to", To),
        ("cursor", Cursor), ("letter", Letter?.ToString(CultureInfo.InvariantCulture)),
    ]);

    /// <summary>The query string of the API's list.</summary>
    public string ToApiQuery(DateTimeOffset now)
    {
        var conditions = Conditions(now);
        return Address("",
        [
            ("state", conditions.State), ("error_class", conditions.ErrorClass), ("topic", conditions.Topic), ("post_id", conditions.PostId),
            ("from", conditions.From), ("to", conditions.To), ("cursor", Cursor), ("page_size", PageSize.ToString(CultureInfo.InvariantCulture)),
        ]);
    }

    /// <summary>The same selection for replaying: without the page.</summary>
    public DeadLetterConditions Conditions(DateTimeOffset now) => new()
    {
        State = OrNull(State),
        ErrorClass = OrNull(ErrorClass),
        Topic = OrNull(Topic),
        PostId = OrNull(PostId),
        From = Spans.TryGetValue(Age, out var span)
            ? (now - span).UtcDateTime.ToString("yyyy-MM-dd'T'HH:mm:ss'Z'", CultureInfo.InvariantCulture)
            : OrNull(From),
        To = OrNull(To),
    };

    /// <summary>The cursor in the address of a page that the API names.</summary>
    public static string? CursorOf(string? address) =>
        address is not null && Uri.TryCreate(new Uri("http://api"), address, out var page)
        && QueryHelpers.ParseQuery(page.Query).TryGetValue("cursor", out var cursor) ? cursor.ToString() : null;

    private static string Address(string path, IEnumerable<(string Name, string? Value)> fields) =>
        fields.Where(field => !string.IsNullOrEmpty(field.Value))
            .Aggregate(path, (address, field) => QueryHelpers.AddQueryString(address, field.Name, field.Value!));

    private static string? OrNull(string value) => value.Length == 0 ? null : value;
}
