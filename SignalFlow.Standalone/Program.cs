using SignalFlow.Standalone;

return await StandaloneCommand.Create().Parse(args).InvokeAsync();
