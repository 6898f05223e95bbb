using MailKit.Net.Smtp;
using MailKit.Security;
using Microsoft.Extensions.Options;
using MimeKit;
using SignalFlow.Storage.Alerts;

namespace SignalFlow.Processing.Alerts;

/// <summary>Sends mail through the configured server.</summary>
internal sealed class MailSender(IOptions<AlertOptions> options, TimeProvider time)
{
    private const int PatienceMilliseconds = 10_000;

    public async Task<SendResult> SendAsync(string address, Guid delivery, string subject, string text, CancellationToken cancellationToken)
    {
        var server = options.Value.Smtp;
        if (server.Host is not { Length: > 0 } host)
            return new(null, "No mail server is configured (Alerts:Smtp:Host).");
        using var message =
            new MimeMessage { Subject = subject, Body = new TextPart("plain") { Text = text }, Date = time.GetUtcNow(), MessageId = $"{delivery}@signalflow" };
        message.From.Add(MailboxAddress.Parse(server.From));
        message.To.Add(new MailboxAddress("", address));
        message.Headers.Add("Auto-Submitted", "auto-generated");
        using var patience = new CancellationTokenSource(TimeSpan.FromMilliseconds(PatienceMilliseconds), time);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(patience.Token, cancellationToken);
        using var client = new SmtpClient { Timeout = PatienceMilliseconds };
        try
        {
            await client.ConnectAsync(host, server.Port, SecurityOf(server.Security), either.Token);
            if (!string.IsNullOrEmpty(server.UserName))
                await client.AuthenticateAsync(server.UserName, server.Password ?? "", either.Token);
            await client.SendAsync(message, either.Token);
            await client.DisconnectAsync(true, either.Token);
            return new(250, null);
        }
        catch (SmtpCommandException exception)
        {
            // 4xx are for now, 5xx for good.
            return new((int)exception.StatusCode, "The mail server has refused it.", CanRetry: (int)exception.StatusCode < 500);
        }
        catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
        {
            return new(null, "The mail server did not answer within 10 seconds.", CanRetry: true);
        }
        // The library has a family of its own, and those of sockets and TLS come through.
        catch (Exception exception) when (exception is not OperationCanceledException)
        {
            return new(null, $"No connection to the mail server: {exception.GetType().Name}.", CanRetry: true);
        }
    }

    private static SecureSocketOptions SecurityOf(string security) => security switch
    {
        "tls" => SecureSocketOptions.SslOnConnect,
        "none" => SecureSocketOptions.None,
        _ => SecureSocketOptions.StartTls,
    };
}
