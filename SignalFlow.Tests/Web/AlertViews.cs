using SignalFlow.Contracts;

namespace SignalFlow.Tests.Web;

/// <summary>Alerts, rules and channels as the API answers them.</summary>
internal static class AlertViews
{
    public static AlertView Alert(long id) => new()
    {
        Id = id,
        RuleId = 1,
        RuleName = "Rockets",
        Kind = "query",
        Reason = "A post in r/space matches the query.",
        OccurredAt = Posts.Now.AddMinutes(-6),
        FiredAt = Posts.Now.AddMinutes(-5),
        Subreddit = "space",
        PostId = "p1",
        Post = new() { Id = "p1", Title = "Cats &amp; rockets", Subreddit = "space", Permalink = "/r/space/comments/p1/", Score = 1_234, Comments = 5 },
        Muted = false,
    };

    public static AlertRuleView Rule(long id, string name, AlertRuleDefinition? rule = null) => new()
    {
        Id = id,
        Rule = (rule ?? new() { Kind = "query", Query = "rocket -model", Subreddits = ["space"] }) with
        {
            Name = name,
            Sensitivity = rule?.Sensitivity ?? "medium",
            DedupeMinutes = rule?.DedupeMinutes ?? 60,
            Active = rule?.Active ?? true,
        },
        Version = "3",
        CreatedAt = Posts.Now.AddDays(-1),
        UpdatedAt = Posts.Now.AddDays(-1),
        EvaluatedAt = Posts.Now.AddMinutes(-1),
        Suppressed = 0,
    };

    public static AlertChannelView Channel(long id, string name, string kind = "webhook") => new()
    {
        Id = id,
        Name = name,
        Kind = kind,
        Hint = "example.org",
        Active = true,
        CreatedAt = Posts.Now.AddDays(-1),
        UpdatedAt = Posts.Now.AddDays(-1),
        Version = "5",
    };
}
