namespace SignalFlow.Processing;

/// <summary>Text resources of this assembly.</summary>
internal static class EmbeddedText
{
    /// <param name="owner">A type of the folder that holds the resource.</param>
    /// <param name="name">The file's name.</param>
    public static IEnumerable<string> ReadLines(Type owner, string name)
    {
        using var stream = owner.Assembly.GetManifestResourceStream(owner, name)
            ?? throw new InvalidOperationException($"The assembly lacks the resource '{name}' beside {owner.Name}.");
        using var reader = new StreamReader(stream);
        while (reader.ReadLine() is { } line)
            yield return line;
    }
}
