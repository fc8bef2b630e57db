using TokenBudget.Generators.Models;
using TokenBudget.Tokenization;

namespace TokenBudget.Generators.Contracts;

/// <summary>
/// What a call sends in any case, in tokens of o200k_base, each piece by itself. Counted when a file is written or a rule asks, not when a method is parsed: parsing runs at
/// every keystroke.
/// </summary>
/// <param name="System">The system message.</param>
/// <param name="Prompt">The constant text of the prompt.</param>
/// <param name="Tools">Names, descriptions and schemas of the tools.</param>
/// <param name="ReplySchema">The schema of the reply.</param>
internal readonly record struct FixedTokens(int System, int Prompt, int Tools, int ReplySchema)
{
    /// <summary>All of it.</summary>
    public int Total => System + Prompt + Tools + ReplySchema;

    /// <summary>The fixed part of a call.</summary>
    public static FixedTokens Of(CallModel call)
    {
        var (prompt, tools) = (0, 0);
        foreach (var part in call.Leading.SelectMany(static message => message.Parts).Concat(call.Prompt))
            if (!part.IsValue)
                prompt += Count(part.Text);
        foreach (var set in call.ToolSets)
            foreach (var tool in set.Tools)
                tools += Count(tool.Name) + Count(tool.Description) + Count(tool.Schema);
        return new FixedTokens(Count(call.SystemPrompt), prompt, tools, Count(call.ReplySchema));
    }

    /// <summary>Tokens of a text; none of no text. The vocabulary, a few megabytes, is asked for only where there is text.</summary>
    public static int Count(string? text) => string.IsNullOrEmpty(text) ? 0 : Tokenizer.ForEncoding("o200k_base").CountTokens(text!);
}
