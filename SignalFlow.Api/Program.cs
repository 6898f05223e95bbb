using SignalFlow.Api;
using SignalFlow.ServiceDefaults;
using SignalFlow.Storage;

var builder = WebApplication.CreateBuilder(args);
builder.AddServiceDefaults();
builder.AddPostReading();
builder.AddSignalFlowApi();

var app = builder.Build();
app.MapServiceDefaults();
app.MapSignalFlowApi();
return app.RunService();
