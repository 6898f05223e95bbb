using SignalFlow.Contracts;
using SignalFlow.Web.Components.Posts;

namespace SignalFlow.Tests.Web;

public sealed class PostVelocityTests
{
    [Fact]
    public void A_young_post_is_measured_from_its_first_observation()
    {
        var points = PostVelocity.Of([At(0, 1), At(1, 5), At(2, 21)]).ToList();
        Assert.Equal([4, 10], points.Select(point => point.Value));
    }

    [Fact]
    public void Later_the_gain_is_that_of_at_least_five_minutes()
    {
        // A blur of four points within two seconds is no 120 points a minute.
        var points = PostVelocity.Of([At(0, 100), At(4, 104), At(10, 110), At(10.03, 106)]).ToList();
        Assert.Equal(1, points[1].Value);
        Assert.Equal(2 / 6.03, points[2].Value!.Value, 3);
    }

    [Fact]
    public void Two_observations_of_the_same_moment_tell_no_pace() =>
        Assert.Null(Assert.Single(PostVelocity.Of([At(3, 1), At(3, 9)])).Value);

    private static PostHistoryPoint At(double minutes, int score) => new() { ObservedAt = Posts.Now.AddMinutes(minutes), Score = score, NumComments = 0 };
}
