namespace SignalFlow.Benchmarks.Chaos;

/// <summary>What is not as the ledger says, counted, with some examples of each.</summary>
internal sealed class Findings
{
    private const int Examples = 20;

    private readonly List<string> _examples = [];

    /// <summary>What was observed, and is not stored.</summary>
    public int Lost { get; private set; }

    /// <summary>What is stored and was not observed, or is there twice.</summary>
    public int Doubled { get; private set; }

    /// <summary>What is stored with another content.</summary>
    public int Wrong { get; private set; }

    public IReadOnlyList<string> Shown => _examples;

    public void AddLost(string what)
    {
        Lost++;
        Show($"lost: {what}");
    }

    public void AddDoubled(string what)
    {
        Doubled++;
        Show($"doubled: {what}");
    }

    public void AddWrong(string what)
    {
        Wrong++;
        Show($"wrong: {what}");
    }

    private void Show(string text)
    {
        if (_examples.Count < Examples)
            _examples.Add(text);
    }
}
