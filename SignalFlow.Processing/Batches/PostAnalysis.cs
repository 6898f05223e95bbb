using SignalFlow.Processing.Decoding;
using SignalFlow.Processing.Keywords;
using SignalFlow.Processing.Sentiment;
using SignalFlow.Processing.Trending;
using SignalFlow.Storage.Posts;

namespace SignalFlow.Processing.Batches;

/// <summary>What a batch's observations of one post amount to: its new state, its text features, its trend. Pure.</summary>
internal sealed class PostAnalysis(VaderAnalyzer vader, SeedTrending trending)
{
    /// <param name="observations">At least one, all of the same post, in the order of arrival.</param>
    /// <param name="known">The state before them; null when the post is new.</param>
    public PostUpdate Update(ReadOnlySpan<DecodedObservation> observations, PostState? known)
    {
        var newest = observations[0];
        var state = known ?? PostState.First(newest.Sample);
        foreach (var observation in observations)
        {
            state = state.Add(observation.Sample);
            if (observation.Sample.At > newest.Sample.At)
                newest = observation;
        }

        var sentiment = vader.Score(newest.Post.Title);
        var nlp = new NlpFeatures(
            sentiment.Compound, sentiment.Label, KeywordExtractor.Extract(newest.Post.Title, newest.Post.Selftext));
        var (score, isTrending) = trending.Rate(state.ScoreVelocity, sentiment.Compound, state.Last.Comments);
        return new()
        {
            Newest = newest.Post,
            State = state,
            Nlp = nlp,
            TrendingScore = score,
            IsTrending = isTrending,
            Change = state == known ? null : new()
            {
                Newest = newest.Post,
                State = state,
                TrendingScore = score,
                IsTrending = isTrending,
                Nlp = nlp,
            },
        };
    }
}
