namespace SignalFlow.Storage.Posts;

/// <summary>What is stored of a post, as far as its next observation needs it.</summary>
/// <param name="State">Its observations.</param>
/// <param name="Nlp">Null: its text has not been analysed, or is purged.</param>
/// <param name="Surge">Null: its signal has not been found yet, or is purged.</param>
public readonly record struct KnownPost(PostState State, NlpFeatures? Nlp, KnownSurge? Surge = null);
