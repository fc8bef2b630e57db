namespace TokenBudget.Counting.Media;

/// <summary>The rule of each model, by the start of its id.</summary>
/// <remarks>
/// OpenAI's tables of sizes, bases, tiles and multipliers: "Images and vision" (see <see cref="OpenAIPatchFormula"/>), as of October 2026. Not in them: the small Codex
/// models, GPT-5.3 and models of GPT-6 other than Astra, taken to be like their neighbours. Anthropic's tokens for tools: "Tool use", section "Pricing", as of 2026; models newer
/// than it are taken for the newest in it.
/// </remarks>
internal static class MediaFormulas
{
    /// <summary>For a model nobody knows: Anthropic's smaller one, whose most for a picture is in the middle of all, without its text for tools.</summary>
    public static readonly MediaFormula Default = new AnthropicFormula(isHighResolution: false, tokensForTools: 0);

    private static readonly MediaFormula Claude3 = new AnthropicFormula(isHighResolution: false, tokensForTools: 346);
    private static readonly MediaFormula Claude4 = new AnthropicFormula(isHighResolution: false, tokensForTools: 313);
    private static readonly MediaFormula Claude45 = new AnthropicFormula(isHighResolution: false, tokensForTools: 497);
    private static readonly MediaFormula Claude47 = new AnthropicFormula(isHighResolution: true, tokensForTools: 675);
    private static readonly MediaFormula Claude48 = new AnthropicFormula(isHighResolution: true, tokensForTools: 290);
    private static readonly MediaFormula Claude5 = new AnthropicFormula(isHighResolution: true, tokensForTools: 354);
    private static readonly MediaFormula GeminiTiles = new GoogleFormula(isFixed: false);
    private static readonly MediaFormula GeminiFixed = new GoogleFormula(isFixed: true);
    private static readonly MediaFormula Gpt4o = new OpenAITileFormula(85, 170);
    private static readonly MediaFormula Gpt5 = new OpenAITileFormula(70, 140);
    private static readonly MediaFormula SmallPatches = new OpenAIPatchFormula(1.2);
    private static readonly MediaFormula Gpt56 = new OpenAIPatchFormula(1.2, PatchBudget.Unshrunk, PatchBudget.High, PatchBudget.Unshrunk);

    // The first that fits counts, so longer beginnings stand above shorter ones.
    private static readonly (string Start, MediaFormula Formula)[] OpenAI =
    [
        ("gpt-4o-mini", new OpenAITileFormula(2_833, 5_667)),
        ("gpt-4.1-mini", new OpenAIPatchFormula(1.62)),
        ("gpt-4.1-nano", new OpenAIPatchFormula(2.46)),
        ("gpt-4", Gpt4o),
        ("chatgpt-4o", Gpt4o),
        ("gpt-5-mini", SmallPatches),
        ("gpt-5-nano", new OpenAIPatchFormula(1.5)),
        ("gpt-5-codex-mini", SmallPatches),
        ("gpt-5.1-codex-mini", SmallPatches),
        ("gpt-5.1", Gpt5),
        ("gpt-5.2", SmallPatches),
        ("gpt-5.3", SmallPatches),
        ("gpt-5.4-mini", SmallPatches),
        ("gpt-5.4-nano", SmallPatches),
        ("gpt-5.4", new OpenAIPatchFormula(1.2, PatchBudget.High, PatchBudget.High, PatchBudget.Original)),
        ("gpt-5.5", new OpenAIPatchFormula(1.2, PatchBudget.Original, PatchBudget.High, PatchBudget.Original)),
        ("gpt-5.", Gpt56),
        ("gpt-5", Gpt5),
        ("gpt-6", Gpt56),
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
            return Claude(modelId);
        if (modelId.Contains("gemini", StringComparison.OrdinalIgnoreCase))
            return VersionAfter(modelId, "gemini-") >= 3 || modelId.EndsWith("-latest", StringComparison.OrdinalIgnoreCase) ? GeminiFixed : GeminiTiles;
        var name = modelId.AsSpan(modelId.LastIndexOf('/') + 1);
        foreach (var (start, formula) in OpenAI)
            if (name.StartsWith(start, StringComparison.OrdinalIgnoreCase))
                return formula;
        return Default;
    }

    private static MediaFormula Claude(string modelId)
    {
        foreach (var family in (ReadOnlySpan<string>)["opus-", "sonnet-", "haiku-", "fable-", "mythos-"])
            if (VersionAfter(modelId, family) is var version && version > 0)
                return version switch
                {
                    >= 5 => Claude5,
                    >= 4.8 => Claude48,
                    >= 4.7 => Claude47,
                    >= 4.5 => Claude45,
                    _ => Claude4,
                };
        return Claude3;
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
