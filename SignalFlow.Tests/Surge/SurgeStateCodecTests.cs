using CsCheck;
using SignalFlow.Processing.Surge;

namespace SignalFlow.Tests.Surge;

public sealed class SurgeStateCodecTests
{
    [Fact]
    public void A_state_comes_back_as_it_was_stored() =>
        Gen.Select(Gen.Double[1, 1400], Gen.Int[1, 5000]).Array[0, 30].Sample(drawn =>
        {
            var state = Community.Fold(drawn.OrderBy(one => one.Item1).Select(one => Community.At(one.Item1, one.Item2))).State;
            var bytes = SurgeStateCodec.Encode(state);

            Assert.True(SurgeStateCodec.TryDecode(bytes, out var decoded));
            Assert.Equal(state, decoded);
            Assert.Equal(bytes, SurgeStateCodec.Encode(decoded));
            Assert.InRange(bytes.Length, 1, SurgeStateCodec.MostBytes);
        });

    [Fact]
    public void Every_field_is_stored()
    {
        var state = Community.Fold(Community.Post(8000).Take(40)).State;

        Assert.True(SurgeStateCodec.TryDecode(SurgeStateCodec.Encode(state), out var decoded));
        Assert.Equal(SurgePhase.Trending, decoded.Phase);
        Assert.NotEqual(0, decoded.EmergedAt);
        Assert.NotEqual(0, decoded.TrendedAt);
        Assert.NotEqual(0, decoded.PhaseSince);
        Assert.NotEqual(0, decoded.PeakVelocity);
        Assert.Equal(SurgeState.MostSnapshots, decoded.SnapshotCount);
    }

    [Fact]
    public void Other_bytes_are_no_state() =>
        Gen.Byte.Array[0, 150].Sample(bytes =>
        {
            if (SurgeStateCodec.TryDecode(bytes, out var state))
                Assert.Equal(bytes, SurgeStateCodec.Encode(state));
        });

    [Fact]
    public void A_state_of_another_version_is_not_continued()
    {
        var bytes = SurgeStateCodec.Encode(Community.Fold(Community.Post(50)).State);
        bytes[0]++;

        Assert.False(SurgeStateCodec.TryDecode(bytes, out _));
    }
}
