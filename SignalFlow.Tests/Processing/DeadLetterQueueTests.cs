using System.Text;
using CsCheck;
using SignalFlow.Processing.DeadLetters;

namespace SignalFlow.Tests.Processing;

public sealed class DeadLetterQueueTests
{
    private static readonly string[] Letters = ["a", "é", "漢", "👩‍🚀"];

    [Fact]
    public void Error_messages_are_cut_to_one_KiB_of_whole_characters() =>
        Gen.Int[0, 3].Select(index => Letters[index]).Array[0, 700].Select(string.Concat).Sample(text =>
        {
            var shortened = DeadLetterQueue.Shorten(text);
            var bytes = Encoding.UTF8.GetByteCount(shortened);
            return text.StartsWith(shortened, StringComparison.Ordinal)
                && bytes <= 1024
                && !shortened.Contains('\ufffd')
                && Encoding.UTF8.GetString(Encoding.UTF8.GetBytes(shortened)) == shortened
                // Nothing is given away: the next character would not have fitted.
                && (shortened == text || bytes > 1024 - 4);
        });
}
