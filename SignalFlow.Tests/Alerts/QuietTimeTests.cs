using CsCheck;
using SignalFlow.Storage.Alerts;
using SignalFlow.Storage.Alerts.Delivery;
using SignalFlow.Storage.Alerts.Rules;

namespace SignalFlow.Tests.Alerts;

public sealed class QuietTimeTests
{
    private static readonly string[] Zones = ["Europe/Berlin", "America/New_York", "Asia/Kolkata", "UTC", "Australia/Lord_Howe"];
    private static readonly QuietTime Berlin = new(new(22, 0), new(7, 0), "Europe/Berlin");

    [Theory]
    [InlineData("2026-11-23T20:59:00Z", "2026-11-23T20:59:00Z")]
    [InlineData("2026-11-23T21:00:00Z", "2026-11-24T06:00:00Z")]
    [InlineData("2026-11-24T05:59:30Z", "2026-11-24T06:00:00Z")]
    // The night in which the clocks go back has an hour more, the one in which they go forward an hour less.
    [InlineData("2026-10-24T21:00:00Z", "2026-10-25T06:00:00Z")]
    [InlineData("2026-03-28T21:30:00Z", "2026-03-29T05:00:00Z")]
    public void They_end_as_the_clocks_of_the_place_show(string now, string end) =>
        Assert.Equal(DateTimeOffset.Parse(end, null), Berlin.EndOf(DateTimeOffset.Parse(now, null)));

    [Theory]
    // 02:30 does not exist that night, and on the other there are two.
    [InlineData("2026-03-29T00:15:00Z", "2026-03-29T01:00:00Z")]
    [InlineData("2026-10-24T23:15:00Z", "2026-10-25T00:30:00Z")]
    [InlineData("2026-10-25T01:15:00Z", "2026-10-25T01:30:00Z")]
    public void They_end_although_their_end_is_no_time_or_two(string now, string end) =>
        Assert.Equal(DateTimeOffset.Parse(end, null), new QuietTime(new(1, 0), new(2, 30), "Europe/Berlin").EndOf(DateTimeOffset.Parse(now, null)));

    [Fact]
    public void Until_they_end_every_minute_is_quiet_and_then_none() => Gen.Select(
        Gen.Int[0, 1439], Gen.Int[0, 1439], Gen.Int[0, 4].Select(index => Zones[index]), Gen.Int[0, 400 * 1440])
        .Where((from, to, _, _) => from != to)
        .Sample((from, to, zone, minute) =>
        {
            var quiet = new QuietTime(TimeOnly.MinValue.AddMinutes(from), TimeOnly.MinValue.AddMinutes(to), zone);
            var now = new DateTimeOffset(2026, 1, 1, 0, 0, 0, TimeSpan.Zero).AddMinutes(minute);
            var end = quiet.EndOf(now);
            Assert.False(quiet.Includes(end));
            for (var at = now; at < end; at = at.AddMinutes(1))
                Assert.True(quiet.Includes(at));
        }, iter: 200);

    [Fact]
    public void A_digest_is_the_same_for_all_that_falls_into_it()
    {
        var rule = Rule(digest: 60, null);
        var first = DeliveryTime.Of(rule, 1, At("2026-11-23T12:00:00Z"));
        Assert.Equal(At("2026-11-23T13:00:00Z"), first.DueAt);
        Assert.Equal(first, DeliveryTime.Of(rule, 2, At("2026-11-23T12:59:59Z")));
        Assert.NotEqual(first, DeliveryTime.Of(rule, 3, At("2026-11-23T13:00:00Z")));
        // What would be due in quiet hours is due at their end, with what they hold back.
        var quiet = Rule(null, Berlin);
        Assert.Equal(DeliveryTime.Of(quiet, 4, At("2026-11-23T21:10:00Z")), DeliveryTime.Of(quiet, 5, At("2026-11-24T05:00:00Z")));
        Assert.Equal(At("2026-11-24T06:00:00Z"), DeliveryTime.Of(Rule(120, Berlin), 6, At("2026-11-23T20:30:00Z")).DueAt);
        Assert.Equal(new("alert:7", At("2026-11-23T12:00:00Z")), DeliveryTime.Of(quiet, 7, At("2026-11-23T12:00:00Z")));
    }

    private static DateTimeOffset At(string text) => DateTimeOffset.Parse(text, null);

    private static AlertRule Rule(int? digest, QuietTime? quiet) => new(
        1, Guid.Empty, new() { Name = "r", Condition = new() { Kind = AlertKinds.Query }, DigestMinutes = digest, Quiet = quiet },
        new(1, default, default, default, default, null, null, null, 0));
}
