namespace TokenBudget.Counting.Media;

/// <summary>The rule of each model, by the start of its id.</summary>
/// <remarks>
/// OpenAI's tables of bases, tiles and multipliers: "Images and vision", section "Calculating costs". GPT-5.2 and later are not in them;
/// 1.2 tokens a patch is what their requests are billed.
/// </remarks>
internal static class MediaFormulas
{
    /// <summary>For a model nobody knows: Anthropic's, whose most for a picture is in the middle of all.</summary>
    public static readonly MediaFormula Default = new AnthropicFormula(isHighResolution: false);

    private static readonly MediaFormula HighResolution = new AnthropicFormula(isHighResolution: true);
    private static readonly MediaFormula GeminiTiles = new GoogleFormula(isFixed: false);
    private static readonly MediaFormula GeminiFixed = new GoogleFormula(isFixed: true);
    private static readonly MediaFormula Gpt4o = new OpenAITileFormula(85, 170);

    // The first that fits counts, so longer beginnings stand above shorter ones.
    private static readonly (string Start, MediaFormula Formula)[] OpenAI =
    [
        ("gpt-4o-mini", new OpenAITileFormula(2_833, 5_667)),
        ("gpt-4.1-mini", new OpenAIPatchFormula(1.62)),
        ("gpt-4.1-nano", new OpenAIPatchFormula(2.46)),
        ("gpt-4", Gpt4o),
        ("chatgpt-4o", Gpt4o),
        ("gpt-5-mini", new OpenAIPatchFormula(1.62)),
        ("gpt-5-nano", new OpenAIPatchFormula(2.46)),
        ("gpt-5.1", new OpenAITileFormula(70, 140)),
        ("gpt-5.", new OpenAIPatchFormula(1.2)),
        ("gpt-5", new OpenAITileFormula(70, 140)),
        ("gpt-", Gpt4o),
        ("o4-mini", new OpenAIPatchFormula(1.72)),
        ("codex-mini", new OpenAIPatchFormula(1.72)),
        ("o1", new OpenAITileFormula(75, 150)),
        ("o3", new OpenAITileFormula(75, 150)),
        ("computer-use", new OpenAITileFormula(65, 129)),
    ];

    /// <summary>The rule of a model; providers' prefixes such as <c>openai/</c> and <c>us.anthropic.</c> do not matter.</summary>
    public static MediaFormula For(string modelId)
    {
        if (modelId.Contains("claude", StringComparison.OrdinalIgnoreCase))
            return IsHighResolution(modelId) ? HighResolution : Default;
        if (modelId.Contains("gemini", StringComparison.OrdinalIgnoreCase))
            return VersionAfter(modelId, "gemini-") >= 3 ? GeminiFixed : GeminiTiles;
        var name = modelId.AsSpan(modelId.LastIndexOf('/') + 1);
        foreach (var (start, formula) in OpenAI)
            if (name.StartsWith(start, StringComparison.OrdinalIgnoreCase))
                return formula;
        return Default;
    }

    /// <summary>Opus from 4.7 on, and every model from Claude 5 on.</summary>
    private static bool IsHighResolution(string modelId)
    {
        foreach (var family in (ReadOnlySpan<string>)["opus-", "sonnet-", "haiku-", "fable-"])
            if (VersionAfter(modelId, family) is var version && version > 0)
                return version >= 5 || (family == "opus-" && version >= 4.7);
        return false;
    }

    /// <summary>4.5 for <c>claude-sonnet-4-5-20250929</c> and for <c>claude-sonnet-4.5</c>; 0 when there is no version.</summary>
    private static double VersionAfter(string modelId, string family)
    {
        var at = modelId.IndexOf(family, StringComparison.OrdinalIgnoreCase);
        if (at < 0)
            return 0;
        var rest = modelId.AsSpan(at + family.Length);
        if (rest.IsEmpty || !char.IsAsciiDigit(rest[0]) || (rest.Length > 1 && char.IsAsciiDigit(rest[1])))
            return 0;
        var major = rest[0] - '0';
        var hasMinor = rest.Length > 2 && rest[1] is '-' or '.' && char.IsAsciiDigit(rest[2]) && (rest.Length == 3 || !char.IsAsciiDigit(rest[3]));
        return hasMinor ? major + ((rest[2] - '0') / 10.0) : major;
    }
}
