using System.Security.Cryptography;

namespace SignalFlow.Web.Components.Admin;

/// <summary>Passwords that nobody has to think of.</summary>
internal static class NewPassword
{
    public const int Length = 20;

    // None that look alike when they are read out or typed off; 20 of 56 are 116 bits.
    private const string Letters = "abcdefghijkmnopqrstuvwxyzABCDEFGHJKLMNPQRSTUVWXYZ23456789";

    public static string Generate() => RandomNumberGenerator.GetString(Letters, Length);
}
