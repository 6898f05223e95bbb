using System.Security.Cryptography;
using System.Text;
using Npgsql;

namespace SignalFlow.Storage.Migrations;

/// <summary>
/// Users that the services connect as, each a member of the role that says what it may do. Made by whoever migrates, where their passwords are given to it.
/// </summary>
public static class ServiceLogins
{
    private const int Iterations = 4096;

    /// <exception cref="PostgresException">The user who migrates may not make others.</exception>
    public static async Task ApplyAsync(NpgsqlDataSource dataSource, ServicePasswords passwords, CancellationToken cancellationToken)
    {
        foreach (var (user, role, password) in ((string, string, string?)[])
        [
            ("ingestion", "signalflow_writer", passwords.Ingestion),
            ("processing", "signalflow_writer", passwords.Processing),
            ("api", "signalflow_api", passwords.Api),
        ])
        {
            if (string.IsNullOrEmpty(password))
                continue;
            // Statements that make users take no parameters.
            await using var compose = dataSource.CreateCommand("""
                SELECT format(CASE WHEN EXISTS (SELECT FROM pg_roles WHERE rolname = $1) THEN 'ALTER' ELSE 'CREATE' END || ' ROLE %1$I LOGIN PASSWORD %2$L; GRANT %3$I TO %1$I', $1, $2, $3)
                """);
            compose.Parameters.Add(new NpgsqlParameter<string> { TypedValue = user });
            compose.Parameters.Add(new NpgsqlParameter<string> { TypedValue = Verifier(password) });
            compose.Parameters.Add(new NpgsqlParameter<string> { TypedValue = role });
            await using var make = dataSource.CreateCommand((string)(await compose.ExecuteScalarAsync(cancellationToken))!);
            await make.ExecuteNonQueryAsync(cancellationToken);
        }
    }

    /// <summary>What the server keeps of a password (RFC 5803): the password itself would be in its log where that has statements.</summary>
    private static string Verifier(string password)
    {
        var salt = RandomNumberGenerator.GetBytes(16);
        var salted = Rfc2898DeriveBytes.Pbkdf2(
            Encoding.UTF8.GetBytes(password.Normalize(NormalizationForm.FormKC)), salt, Iterations, HashAlgorithmName.SHA256, 32);
        var stored = SHA256.HashData(HMACSHA256.HashData(salted, "Client Key"u8));
        var server = HMACSHA256.HashData(salted, "Server Key"u8);
        return $"SCRAM-SHA-256${Iterations}:{Convert.ToBase64String(salt)}${Convert.ToBase64String(stored)}:{Convert.ToBase64String(server)}";
    }
}
