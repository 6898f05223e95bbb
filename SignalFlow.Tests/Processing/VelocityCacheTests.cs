using CsCheck;
using SignalFlow.Processing.Velocity;
using SignalFlow.Storage.Posts;

namespace SignalFlow.Tests.Processing;

public sealed class VelocityCacheTests
{
    private static readonly Gen<Sample> GenSample = Gen.Select(Gen.Long, Gen.Int, Gen.Int, (at, score, comments) => new Sample(at, score, comments));

    [Fact]
    public void What_is_encoded_decodes_to_the_same_state() =>
        Gen.Select(GenSample, GenSample, Gen.Bool, Gen.Long).Sample((last, previous, hasPrevious, firstSeen) =>
        {
            var state = new PostState(last, hasPrevious && previous.At != last.At ? previous : null, firstSeen);
            return VelocityCache.Decode(VelocityCache.Encode(state)) == state;
        });
}
