using Microsoft.Extensions.Options;
using SignalFlow.Contracts;
using SignalFlow.Processing.Decoding;
using SignalFlow.Processing.Keywords;
using SignalFlow.Processing.Languages;
using SignalFlow.Processing.Sentiment;
using SignalFlow.Processing.Surge;
using SignalFlow.Processing.Topics;
using SignalFlow.Processing.Trending;
using SignalFlow.Storage.Posts;

namespace SignalFlow.Processing.Batches;

/// <summary>What a batch's observations of one post amount to: its new state, its text features, its trend. Pure.</summary>
internal sealed class PostAnalysis(VaderAnalyzer vader, SeedTrending trending, SurgeAnalysis surge, IOptions<ProcessingOptions> options)
{
    private readonly bool _scoresBody = options.Value.SentimentText == ProcessingOptions.TitleAndBody;

    /// <param name="observations">At least one, all of the same post, in the order of arrival.</param>
    /// <param name="known">What is stored before them; null when the post is new.</param>
    public PostUpdate Update(ReadOnlySpan<DecodedObservation> observations, KnownPost? known)
    {
        DecodedObservation? newest = null;
        Purge? purge = null;
        var state = known?.State;
        foreach (var observation in observations)
        {
            if (observation.Purge is { } removal)
                purge = Purge.Earliest(purge, removal);
            if (!observation.IsObserved)
                continue;
            state = state?.Add(observation.Sample) ?? PostState.First(observation.Sample);
            if (newest is null || observation.Sample.At > newest.Value.Sample.At)
                newest = observation;
        }

        var post = (newest ?? observations[0]).Post;
        return purge is { } final
            ? Purged(post, Heard(state, final, observations[0].Sample), final, observed: newest is not null)
            : Analysed(newest!.Value, state!.Value, known, observations);
    }

    /// <summary>What the post's texts say.</summary>
    public NlpFeatures Features(PostObservation post) => Features(post, TextPrint.Of(post.Title, post.Selftext, _scoresBody));

    /// <summary>Nothing is made of the placeholder that stands where the title was.</summary>
    private static PostUpdate Purged(PostObservation newest, PostState state, Purge purge, bool observed) => new()
    {
        Newest = newest,
        State = state,
        IsObserved = observed,
        // Always written: whether the stored row is purged already is not in its state.
        Change = new() { Newest = newest, State = state, TrendingScore = 0, IsTrending = false, Nlp = null, Purge = purge },
    };

    private PostUpdate Analysed(
        in DecodedObservation observation, PostState state, KnownPost? known, ReadOnlySpan<DecodedObservation> all)
    {
        var newest = observation.Post;
        // Every refresh brings the text again; it is analysed again only when it has changed. The text of an observation that comes late
        // does not count.
        var print = TextPrint.Of(newest.Title, newest.Selftext, _scoresBody);
        var isLate = observation.Sample.At < state.Last.At;
        var stored = known?.Nlp is { } same && (isLate || same.TextPrint == print && IsTextOfAll(all, print)) ? same : null;
        var nlp = stored ?? Features(newest, print);
        var (score, isTrending) = trending.Rate(state.ScoreVelocity, nlp.SentimentScore, state.Last.Comments);
        return new()
        {
            Newest = newest,
            State = state,
            IsObserved = true,
            Nlp = nlp,
            Surge = surge.Update(all, known),
            TrendingScore = score,
            IsTrending = isTrending,
            Change = state == known?.State && stored is not null ? null : new()
            {
                Newest = newest,
                State = state,
                TrendingScore = score,
                IsTrending = isTrending,
                Nlp = stored is null && !isLate ? nlp : null,
            },
        };
    }

    /// <summary>
    /// A text that was edited and edited back: a repeat may find the edit stored, although the cache that says what is stored is older.
    /// </summary>
    private bool IsTextOfAll(ReadOnlySpan<DecodedObservation> observations, long print)
    {
        if (observations.Length == 1)
            return true;
        foreach (var observation in observations)
        {
            if (observation.IsObserved && TextPrint.Of(observation.Post.Title, observation.Post.Selftext, _scoresBody) != print)
                return false;
        }

        return true;
    }

    private NlpFeatures Features(PostObservation post, long print)
    {
        var text = _scoresBody && post.Selftext is { Length: > 0 } body ? $"{post.Title}\n{body}" : post.Title;
        var sentiment = vader.Score(text);
        return new(sentiment.Compound, sentiment.Label, KeywordExtractor.Extract(post.Title, post.Selftext))
        {
            Negative = sentiment.Negative,
            Neutral = sentiment.Neutral,
            Positive = sentiment.Positive,
            IsSentimentReliable = LanguageCheck.Of(post.Title) != TitleLanguage.NotEnglish,
            TopicCluster = TopicCluster.Of(post.Title, post.Url) ?? TopicCluster.OfPost(post.Id),
            TextPrint = print,
        };
    }

    /// <summary>Of a post that nobody has observed, only the earliest news of its end is known.</summary>
    private static PostState Heard(PostState? state, Purge purge, Sample hearsay) => state switch
    {
        null => PostState.Unobserved(purge.At, hearsay.Score, hearsay.Comments),
        { IsObserved: false } heard => heard with { FirstSeen = Math.Min(heard.FirstSeen, purge.At) },
        { } observed => observed,
    };
}
