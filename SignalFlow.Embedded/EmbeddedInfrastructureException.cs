namespace SignalFlow.Embedded;

/// <summary>An embedded server cannot do its work. The message is meant for the person who started the program.</summary>
public class EmbeddedInfrastructureException : Exception
{
    public EmbeddedInfrastructureException()
    {
    }

    public EmbeddedInfrastructureException(string message)
        : base(message)
    {
    }

    public EmbeddedInfrastructureException(string message, Exception? innerException)
        : base(message, innerException)
    {
    }
}

/// <summary>No usable PostgreSQL server is installed. The message says how to install one and what the other ways on are.</summary>
public sealed class EmbeddedServerMissingException : EmbeddedInfrastructureException
{
    public EmbeddedServerMissingException()
    {
    }

    public EmbeddedServerMissingException(string message)
        : base(message)
    {
    }

    public EmbeddedServerMissingException(string message, Exception? innerException)
        : base(message, innerException)
    {
    }
}
