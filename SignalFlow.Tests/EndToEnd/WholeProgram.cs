namespace SignalFlow.Tests.EndToEnd;

/// <summary>The collection of the tests that start the whole program: each one takes the machine for itself.</summary>
[CollectionDefinition(Collection, DisableParallelization = true)]
public static class WholeProgram
{
    public const string Collection = "Whole program";
}
