using System.Globalization;
using System.Text;
using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Nodes;
using SignalFlow.Contracts;

namespace SignalFlow.Processing.Alerts;

/// <summary>A message as each kind of channel has it.</summary>
internal static class AlertBodies
{
    // What Discord takes is less than Slack.
    private const int MostText = 1_900;
    private const int MostTitle = 200;

    private static readonly JsonSerializerOptions Readable = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    public static byte[] Webhook(AlertMessage message) => JsonSerializer.SerializeToUtf8Bytes(message, ContractsJsonContext.Default.AlertMessage);

    public static byte[] Slack(AlertMessage message) =>
        Encoding.UTF8.GetBytes(new JsonObject { ["text"] = Text(message, SlackText, (title, link) => $"<{link}|{title}>") }.ToJsonString(Readable));

    public static byte[] Discord(AlertMessage message) => Encoding.UTF8.GetBytes(new JsonObject
    {
        ["content"] = Text(message, DiscordText, (title, link) => $"[{title}](<{link}>)"),
        // A title must not call anybody.
        ["allowed_mentions"] = new JsonObject { ["parse"] = new JsonArray() },
    }.ToJsonString(Readable));

    /// <returns>Subject and text.</returns>
    public static (string Subject, string Text) Mail(AlertMessage message) =>
        ($"[SignalFlow] {Line(Heading(message))}", Text(message, text => text, (title, link) => $"{title}\n  {link}"));

    private static string Heading(AlertMessage message) => message.Rule is not { } rule
        ? "A test: this channel works."
        : message.Count == 1 ? rule.Name : string.Create(CultureInfo.InvariantCulture, $"{rule.Name}: {message.Count} alerts");

    private static string Text(AlertMessage message, Func<string, string> escape, Func<string, string, string> link)
    {
        var text = new StringBuilder(escape(Line(Heading(message))));
        var shown = 0;
        foreach (var alert in message.Alerts)
        {
            var line = $"\n• {Line(alert, escape, link)}";
            if (text.Length + line.Length > MostText)
                break;
            text.Append(line);
            shown++;
        }

        if (shown < message.Count && message.Rule is not null)
            text.Append(CultureInfo.InvariantCulture, $"\n… and {message.Count - shown} more");
        return text.ToString();
    }

    private static string Line(AlertView alert, Func<string, string> escape, Func<string, string, string> link)
    {
        var reason = escape(Line(alert.Reason));
        if (alert.Post is not { } post)
            return alert.PostId is null ? reason : $"{reason} The post is no longer there.";
        var title = escape(Line(post.Over18 ? $"[18+] {post.Title}" : post.Title));
        return post.Permalink is ['/', ..] permalink
            ? $"{reason} {link(title, $"https://www.reddit.com{Uri.EscapeDataString(permalink).Replace("%2F", "/", StringComparison.Ordinal)}")}"
            : $"{reason} {title}";
    }

    // Of what others have written no line may look like one of ours.
    private static string Line(string text)
    {
        var line = new string([.. text.Select(letter => char.IsControl(letter) ? ' ' : letter)]);
        return line.Length <= MostTitle ? line : $"{line[..(char.IsHighSurrogate(line[MostTitle - 1]) ? MostTitle - 1 : MostTitle)]}…";
    }

    private static string SlackText(string text) => text
        .Replace("&", "&amp;", StringComparison.Ordinal).Replace("<", "&lt;", StringComparison.Ordinal).Replace(">", "&gt;", StringComparison.Ordinal);

    private static string DiscordText(string text)
    {
        var escaped = new StringBuilder();
        foreach (var letter in text)
        {
            if (@"\*_~`|>[]()<#@".Contains(letter, StringComparison.Ordinal))
                escaped.Append('\\');
            escaped.Append(letter);
        }

        return escaped.ToString();
    }
}
