using Microsoft.Extensions.Options;
using SignalFlow.Api.Access;

namespace SignalFlow.Api.Answers;

/// <summary>What clients may do with an answer. Where reading needs a login, nothing of it is to stay behind anywhere.</summary>
internal sealed class CachePolicy(IOptions<AccessOptions> access, IHostEnvironment environment)
{
    private readonly bool _isReadingOpen = access.Value.PublicRead ?? environment.IsDevelopment();

    /// <param name="response">Gets the headers.</param>
    /// <param name="mayBeOld">The answer is kept by the API itself, so a few seconds more make no difference.</param>
    public void Write(HttpResponse response, bool mayBeOld) =>
        response.Headers.CacheControl = (_isReadingOpen, mayBeOld) switch
        {
            (false, _) => "no-store",
            (true, true) => "private, max-age=5",
            _ => "private, no-cache",
        };
}
