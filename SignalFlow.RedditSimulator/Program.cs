using SignalFlow.RedditSimulator;

var builder = WebApplication.CreateBuilder(args);
builder.AddRedditSimulator();

var app = builder.Build();
app.MapRedditSimulator();
app.Run();
