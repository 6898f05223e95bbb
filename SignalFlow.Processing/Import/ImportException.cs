namespace SignalFlow.Processing.Import;

/// <summary>The import cannot be done; the message is a sentence for the operator.</summary>
internal sealed class ImportException(string message, Exception? cause = null) : Exception(message, cause);
