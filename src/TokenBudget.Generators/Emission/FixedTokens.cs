using TokenBudget.Generators.Models;
using TokenBudget.Tokenization;

namespace TokenBudget.Generators.Emission;

/// <summary>Counts what a call sends in any case. Done when a file is written, not when it is parsed: parsing runs at every keystroke.</summary>
internal static class FixedTokens
{
    /// <summary>Tokens of the system message, of the constant text of the prompt, of the tools and of the reply's schema, each piece by itself, in o200k_base.</summary>
    public static int Of(CallModel call)
    {
        var tokens = call.SystemPrompt is { } system ? Count(system) : 0;
        foreach (var part in call.Prompt)
            if (!part.IsValue)
                tokens += Count(part.Text);
        foreach (var set in call.ToolSets)
            foreach (var tool in set.Tools)
                tokens += Count(tool.Name) + Count(tool.Description) + Count(tool.Schema);
        return call.ReplySchema is { } schema ? tokens + Count(schema) : tokens;
    }

    // Asked for only where there is text to count: the vocabulary takes a few megabytes.
    private static int Count(string text) => Tokenizer.ForEncoding("o200k_base").CountTokens(text);
}
