using SignalFlow.Standalone;

// Stopping is StandaloneCommand's own business: servers and services need longer than the two seconds they would get here.
return await StandaloneCommand.Create().Parse(args).InvokeAsync(new() { ProcessTerminationTimeout = null });
