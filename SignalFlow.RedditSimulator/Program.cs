using SignalFlow.RedditSimulator;
using SignalFlow.ServiceDefaults;

var builder = WebApplication.CreateBuilder(args);
builder.AddServiceDefaults();
builder.AddRedditSimulator();

var app = builder.Build();
app.MapServiceDefaults();
app.MapRedditSimulator();
return app.RunService();
