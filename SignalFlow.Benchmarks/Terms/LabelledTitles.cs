namespace SignalFlow.Benchmarks.Terms;

/// <summary>
/// Hand-checked languages of the recorded titles of seven subreddits whose members write another language: all their titles are in it but those here.
/// </summary>
internal static class LabelledTitles
{
    public static readonly string[] OtherLanguages = ["de", "deutschland", "france", "Quebec", "Denmark", "norge", "mexico"];

    public static readonly string[] English =
    [
        "xwdvg", "103h3l", "mw2rb", "srl6d", "rqphx", "1077eq", "l0slm", "1in5eq", "1hybtk", "1j36ao", "14eml3", "qirfq", "18rn6o", "1f1zb5", "136nqk",
        "lnkuu", "9nn61", "15ws1f", "1ayu8x", "uikh5", "1jdcwv", "1abdzv", "vyi12",
    ];

    /// <summary>Names, exclamations, two languages.</summary>
    public static readonly string[] Neither =
    [
        "qo1ex", "hfrm3", "15reld", "xhmr3", "kgqkn", "ywgcg", "sfsh8", "p98yk", "o46v0", "p2bcz", "1996th", "1iliwg", "1efcuk", "xxkzy", "x7v4q", "oci7u",
    ];
}
