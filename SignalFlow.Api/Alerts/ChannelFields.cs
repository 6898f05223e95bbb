using System.Globalization;
using System.Net;
using Microsoft.Extensions.Options;
using SignalFlow.Contracts;
using SignalFlow.Storage.Alerts;
using SignalFlow.Storage.Alerts.Delivery;

namespace SignalFlow.Api.Alerts;

/// <summary>What the fields of a channel may be. Where a target's name leads, is decided when something is sent to it.</summary>
internal sealed class ChannelFields(IOptions<AlertOptions> options)
{
    private const int MaxNameLength = 100;
    private const int MaxTargetLength = 2_000;
    private const int MaxMailLength = 254;

    private static readonly string[] Kinds = ["webhook", "slack", "discord", "email"];

    public static string? Name(AlertChannelDefinition given, QueryFields fields)
    {
        var name = given.Name?.Trim();
        if (!string.IsNullOrEmpty(name) && name.Length <= MaxNameLength && OneLine.Is(name))
            return name;
        fields.Refuse("name", $"name must be text of 1 to {MaxNameLength} characters, in one line.");
        return null;
    }

    public string? Kind(AlertChannelDefinition given, QueryFields fields)
    {
        if (given.Kind is null || !Kinds.Contains(given.Kind))
            fields.Refuse("kind", "kind must be webhook, slack, discord or email.");
        else if (given.Kind == "email" && !options.Value.Smtp.IsConfigured)
            fields.Refuse("kind", "This installation sends no mail; its operator can set Alerts:Smtp:Host.");
        else
            return given.Kind;
        return null;
    }

    /// <returns>The host, or the address of mail; null: <paramref name="fields"/> says why.</returns>
    public string? Hint(string kind, string? target, QueryFields fields)
    {
        if (kind == "email")
        {
            if (IsMail(target))
                return target;
            fields.Refuse("target", "target must be an address of mail such as ana@example.org.");
            return null;
        }

        if (target is null || target.Length > MaxTargetLength || !Uri.TryCreate(target, UriKind.Absolute, out var uri) || uri.Scheme is not ("http" or "https")
            || uri.UserInfo.Length > 0 || uri.Host.Length == 0)
            fields.Refuse("target", "target must be an address such as https://example.org/hook, without a user's name.");
        else if (!options.Value.AllowPrivateTargets && (uri.IsLoopback || IPAddress.TryParse(uri.DnsSafeHost, out var address) && IsLocal(address)))
            fields.Refuse("target", "target must be an address of the Internet.");
        else
            return uri.Authority;
        return null;
    }

    public static AlertChannelView View(AlertChannel channel) => new()
    {
        Id = channel.Id,
        Name = channel.Name,
        Kind = channel.Kind,
        Hint = channel.Hint,
        Active = channel.Active,
        CreatedAt = channel.CreatedAt,
        UpdatedAt = channel.UpdatedAt,
        Version = Version(channel),
    };

    public static string Version(AlertChannel channel) => channel.Version.ToString(CultureInfo.InvariantCulture);

    // Early and kind; the sender knows all of them.
    private static bool IsLocal(IPAddress address)
    {
        if (address.IsIPv4MappedToIPv6)
            address = address.MapToIPv4();
        return IPAddress.IsLoopback(address) || address.IsIPv6LinkLocal || address.IsIPv6UniqueLocal
            || address.GetAddressBytes() is [10, _, _, _] or [192, 168, _, _] or [172, >= 16 and <= 31, _, _] or [169, 254, _, _] or [0, _, _, _];
    }

    // One mailbox and nothing that a header or a server's command could be made of.
    private static bool IsMail(string? target) =>
        target is { Length: >= 3 and <= MaxMailLength }
        && target.IndexOf('@', StringComparison.Ordinal) is > 0 and var at && at == target.LastIndexOf('@') && at < target.Length - 1
        && target.All(letter => char.IsAsciiLetterOrDigit(letter) || ".!#$%&'*+/=?^_`{|}~-@".Contains(letter, StringComparison.Ordinal));
}
