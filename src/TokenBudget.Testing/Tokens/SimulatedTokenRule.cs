using System.Text;
using System.Text.Json;

namespace TokenBudget.Testing;

/// <summary>How the simulator counts tokens: its own published rule, which agrees with no real tokenizer.</summary>
/// <remarks>
/// The difference is on purpose: a client's estimate must be wrong here as it is wrong in production, or the handling of
/// wrong estimates is never exercised. The rule is deterministic and depends on nothing but the text. Thread-safe.
/// </remarks>
public static class SimulatedTokenRule
{
    /// <summary>Added once for every message (after consecutive messages of one role were combined).</summary>
    public const int TokensPerMessage = 5;

    /// <summary>Added for every content block and every system block.</summary>
    public const int TokensPerBlock = 3;

    /// <summary>Added for every tool.</summary>
    public const int TokensPerTool = 12;

    /// <summary>Added once when a request has any tool, as real providers add a hidden tool prompt.</summary>
    public const int TokensOfToolPrompt = 240;

    /// <summary>An image given by address or file id, whose size the simulator cannot see.</summary>
    public const int TokensOfRemoteImage = 1_000;

    /// <summary>The most one image costs.</summary>
    public const int MaxTokensOfImage = 1_600;

    /// <summary>Tokens of a text: its UTF-8 bytes divided by 3.7, rounded up; 0 for an empty text.</summary>
    /// <param name="text">Any text.</param>
    public static int Count(ReadOnlySpan<char> text) => FromUtf8Bytes(Encoding.UTF8.GetByteCount(text));

    /// <summary>Tokens of a text of so many UTF-8 bytes.</summary>
    /// <param name="bytes">0 or more.</param>
    public static int FromUtf8Bytes(long bytes) => checked((int)((bytes * 10 + 36) / 37));

    /// <summary>Tokens of an image whose bytes are in the request: one per 64 bytes, at least 1, at most <see cref="MaxTokensOfImage"/>.</summary>
    /// <param name="base64Length">Length of the base64 text.</param>
    public static int CountImage(long base64Length) => (int)Math.Clamp(base64Length * 3 / 4 / 64, 1, MaxTokensOfImage);

    /// <summary>The longest prefix of a text that costs no more than a number of tokens, cut between two characters.</summary>
    /// <param name="text">Any text.</param>
    /// <param name="tokens">0 or more.</param>
    public static string Take(string text, int tokens)
    {
        ArgumentNullException.ThrowIfNull(text);
        var room = (long)tokens * 37 / 10;
        var end = 0;
        foreach (var rune in text.EnumerateRunes())
        {
            room -= rune.Utf8SequenceLength;
            if (room < 0)
                break;
            end += rune.Utf16SequenceLength;
        }

        return text[..end];
    }

    internal static int CountJson(JsonElement json) => FromUtf8Bytes(CanonicalJson.Write(json).Length);
}
