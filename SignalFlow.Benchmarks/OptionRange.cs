using System.CommandLine;

namespace SignalFlow.Benchmarks;

internal static class OptionRange
{
    /// <summary>Refuses other values, and names the option.</summary>
    public static void Between(this Option<int> option, int least, int most) => option.Validators.Add(result =>
    {
        if (result.GetValueOrDefault<int>() is var value && (value < least || value > most))
            result.AddError($"{option.Name} must be between {least} and {most}, not {value}.");
    });
}
