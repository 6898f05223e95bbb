using System.Text.Json;
using System.Text.RegularExpressions;
using SignalFlow.Contracts;
using SignalFlow.Processing.Alerts;

namespace SignalFlow.Tests.Security;

/// <summary>What strangers write, in the messages that are sent of it.</summary>
public sealed partial class HostileAlertTests
{
    public static TheoryData<int> Texts { get; } = [.. Enumerable.Range(0, HostileTexts.All.Count)];

    [Theory]
    [MemberData(nameof(Texts))]
    public void A_webhook_gets_json_that_says_what_was_written(int index)
    {
        var text = HostileTexts.All[index];
        var body = AlertBodies.Webhook(MessageOf(text));

        using var json = JsonDocument.Parse(body);
        Assert.Equal(text, json.RootElement.GetProperty("alerts")[0].GetProperty("post").GetProperty("title").GetString());
        Assert.DoesNotContain((byte)'\n', body);
    }

    [Theory]
    [MemberData(nameof(Texts))]
    public void A_chat_gets_text_in_which_only_our_links_are_links(int index)
    {
        var message = MessageOf(HostileTexts.All[index]);
        using var slack = JsonDocument.Parse(AlertBodies.Slack(message));
        using var discord = JsonDocument.Parse(AlertBodies.Discord(message));

        // All that Slack knows begins with it: links, mentions, channels.
        Assert.DoesNotMatch(@"<(?!https://www\.reddit\.com/)", slack.RootElement.GetProperty("text").GetString());
        var content = OurLink().Replace(discord.RootElement.GetProperty("content").GetString()!, "");
        Assert.DoesNotMatch(@"(?<!\\)(\\\\)*[<\[@]", content);
        Assert.Equal(0, discord.RootElement.GetProperty("allowed_mentions").GetProperty("parse").GetArrayLength());
    }

    [Theory]
    [MemberData(nameof(Texts))]
    public void A_mail_has_a_subject_of_one_line_and_no_lines_but_ours(int index)
    {
        var (subject, text) = AlertBodies.Mail(MessageOf(HostileTexts.All[index]));

        Assert.DoesNotContain(subject, char.IsControl);
        // Where it is all too long, less is said.
        Assert.All(text.Split('\n').Skip(1), line => Assert.Matches(@"^(• \P{Cc}*|  https://www\.reddit\.com/\S*|… and 1 more)$", line));
        Assert.InRange(text.Split('\n').Length, 2, 3);
    }

    [Theory]
    [InlineData(".example.org/")]
    [InlineData("@example.org/")]
    [InlineData("")]
    public void What_is_no_path_at_Reddit_makes_no_link(string permalink)
    {
        var message = MessageOf("text", permalink);

        foreach (var body in (byte[][])[AlertBodies.Slack(message), AlertBodies.Discord(message)])
            Assert.DoesNotContain("https://", System.Text.Encoding.UTF8.GetString(body), StringComparison.Ordinal);
        Assert.DoesNotContain("https://", AlertBodies.Mail(message).Text, StringComparison.Ordinal);
    }

    private static AlertMessage MessageOf(string text, string? permalink = null) => new(Guid.Empty, "alerts", default, new(1, text, "query"), 1,
    [
        new()
        {
            Id = 1,
            RuleId = 1,
            RuleName = text,
            Kind = "query",
            Reason = text,
            OccurredAt = default,
            FiredAt = default,
            Subject = text,
            Muted = false,
            // As Reddit has them, with whatever in it.
            Post = new()
            {
                Id = text, Title = text, Subreddit = text, Author = text, Url = text, Permalink = permalink ?? $"/r/{text}", Score = 1, Comments = 1
            },
        },
    ]);

    [GeneratedRegex(@"\[(\\.|[^\]\\])*\]\(<https://www\.reddit\.com/[^>]*>\)")]
    private static partial Regex OurLink();
}
