namespace TokenBudget.Tokenization.Tests;

/// <summary>The two encodings and where their definition comes from.</summary>
internal static class Encodings
{
    public const string O200k = "o200k_base";
    public const string Cl100k = "cl100k_base";

    public static TheoryData<string> All => [O200k, Cl100k];

    /// <summary>The SHA-256 that OpenAI publishes for the rank table.</summary>
    public static string Sha256Of(string encoding) => encoding switch
    {
        O200k => "446a9538cb6c348e3516120d7c08b09f57c36495e2acfffe59a5bf8b0cfb1a2d",
        Cl100k => "223921b76ee99bde995b7ff738513eef100fb51d18c93597a113bcffe865b2a7",
        _ => throw new ArgumentOutOfRangeException(nameof(encoding), encoding, "not an encoding"),
    };

    /// <summary>The table's text: a line per token, base64 of its bytes, a space, its rank.</summary>
    public static string SourceOf(string encoding) => SharedData.File($"tokenizer/{encoding}.tiktoken");

    /// <summary>Whether the long suites were asked for.</summary>
    public static bool Nightly => Environment.GetEnvironmentVariable("TOKENBUDGET_NIGHTLY") == "1";
}
