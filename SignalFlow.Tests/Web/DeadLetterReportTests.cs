using Bunit;
using SignalFlow.Contracts;
using SignalFlow.Web.Components.Ops;

namespace SignalFlow.Tests.Web;

public sealed class DeadLetterReportTests : BunitContext
{
    [Fact]
    public void States_are_told_in_words_and_parked_letters_ask_for_a_look()
    {
        var report = Render<DeadLetterReport>(parameters => parameters
            .Add(board => board.Stats, Stats(parked: 2))
            .Add(board => board.Newest, [Letter(1, "new", 0), Letter(2, "replaying", 1), Letter(3, "failed_again", 2), Letter(4, "parked", 3)])
            .Add(board => board.Now, Posts.Now));

        Assert.Equal(
            ["New", "Being replayed", "Failed again, replayed 2 of 3 times", "Parked after 3 failed replays"],
            report.FindAll("[data-testid=dead-letter-state]").Select(cell => cell.TextContent));
        Assert.Contains("2 parked: three replays have failed", report.Find("[data-testid=dead-letters-parked]").TextContent, StringComparison.Ordinal);
    }

    [Fact]
    public void Without_parked_letters_nothing_is_said_of_them()
    {
        var report = Render<DeadLetterReport>(parameters => parameters
            .Add(board => board.Stats, Stats(parked: 0)).Add(board => board.Newest, []).Add(board => board.Now, Posts.Now));

        Assert.Empty(report.FindAll("[data-testid=dead-letters-parked]"));
    }

    private static DeadLetterStats Stats(long parked) => new()
    {
        Total = 10,
        Open = 4,
        OldestOpenAt = Posts.Now.AddDays(-1),
        ByState = [new("new", 10 - parked, 4), new("parked", parked, parked)],
        ByClass = [new("json", 10, 4)],
        ByTopic = [new(KafkaTopics.Raw, 10, 4)],
    };

    private static DeadLetterView Letter(long id, string state, int failedReplays) => new()
    {
        Id = id,
        SourceTopic = KafkaTopics.Raw,
        SourcePartition = 0,
        SourceOffset = id,
        PostIds = [],
        ErrorClass = "json",
        ErrorMessage = "reason",
        FailedAt = Posts.Now,
        Attempt = 1 + failedReplays,
        State = state,
        DlqPartition = 0,
        DlqOffset = id,
        CreatedAt = Posts.Now,
        UpdatedAt = Posts.Now,
        FailedReplays = failedReplays,
    };
}
