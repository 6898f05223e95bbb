namespace SignalFlow.Tests.EndToEnd;

/// <summary>The collection of the tests in a browser: they share one program in full flow, which takes the machine for itself.</summary>
[CollectionDefinition(Collection, DisableParallelization = true)]
public sealed class InBrowser : ICollectionFixture<BrowserFixture>
{
    public const string Collection = "In a browser";
}
