using System.Text;

namespace SignalFlow.Processing;

/// <summary>Text resources of this assembly.</summary>
internal static class EmbeddedText
{
    /// <param name="owner">A type of the folder that holds the resource.</param>
    /// <param name="name">The file's name.</param>
    public static string Read(Type owner, string name)
    {
        using var stream = owner.Assembly.GetManifestResourceStream(owner, name)
            ?? throw new InvalidOperationException($"The assembly lacks the resource '{name}' beside {owner.Name}.");
        var bytes = new byte[stream.Length];
        stream.ReadExactly(bytes);
        return Encoding.UTF8.GetString(bytes);
    }
}
