using System.Globalization;
using TokenBudget.Generators.Collections;

namespace TokenBudget.Generators.Models;

/// <summary>A method that runs through the budget.</summary>
/// <param name="Signature">Its signature.</param>
/// <param name="PolicyName">Its name in configuration and metrics.</param>
/// <param name="Reply">What it returns.</param>
/// <param name="ReplyType">The type a reply is read as, fully qualified, without the annotation of its outermost type.</param>
/// <param name="ReplyCanBeNull">Whether the reply type is annotated as nullable.</param>
/// <param name="ReplySchema">The JSON schema of <paramref name="ReplyType"/>; null when none is asked for, or the run time makes it.</param>
/// <param name="IsReported">Whether the result is an <c>AgentReply</c> around <paramref name="ReplyType"/>.</param>
/// <param name="IsValueTask">Whether it returns <c>ValueTask</c> instead of <c>Task</c>.</param>
/// <param name="SystemPrompt">The constant system message, or null.</param>
/// <param name="Prompt">The pieces of the user message; empty without one.</param>
/// <param name="Leading">The messages in front of it.</param>
/// <param name="SystemPromptFile">The file of the system message, as long as it has not been read.</param>
/// <param name="PromptFile">The file of the user message, as long as it has not been read.</param>
/// <param name="ToolSets">The types whose methods are its tools.</param>
/// <param name="Settings">What the attributes say, merged.</param>
/// <param name="List">How the windowed messages become the wrapped method's list parameter.</param>
/// <param name="ExplicitInterface">See <see cref="MemberModel"/>.</param>
/// <param name="InnerInterface">See <see cref="MemberModel"/>.</param>
internal sealed record CallModel(
    SignatureModel Signature,
    string PolicyName,
    ReplyKind Reply,
    string ReplyType,
    bool ReplyCanBeNull,
    string? ReplySchema,
    bool IsReported,
    bool IsValueTask,
    string? SystemPrompt,
    EquatableArray<PromptPart> Prompt,
    EquatableArray<LeadingMessage> Leading,
    string? SystemPromptFile,
    string? PromptFile,
    EquatableArray<ToolSetModel> ToolSets,
    EquatableArray<Setting> Settings,
    ListConversion List,
    string? ExplicitInterface,
    string? InnerInterface) : MemberModel(ExplicitInterface, InnerInterface)
{
    /// <summary>Whether a prompt's file has still to be read.</summary>
    public bool HasFiles => SystemPromptFile is not null || PromptFile is not null || Leading.Any(static message => message.File is not null);

    public bool IsStream => Reply is ReplyKind.Stream or ReplyKind.TextStream;

    /// <summary>Whether the model can ask for tools.</summary>
    public bool HasTools
    {
        get
        {
            foreach (var parameter in Signature.Parameters)
                if (parameter.Role == ParameterRole.Tools)
                    return true;
            return ToolSets.Count > 0;
        }
    }

    /// <summary>The text of a setting; null when nobody says it.</summary>
    public string? Setting(string name)
    {
        foreach (var setting in Settings)
            if (setting.Name == name)
                return setting.Value;
        return null;
    }

    /// <summary>A setting that is a whole number.</summary>
    public long? Number(string name) => Setting(name) is { } text && long.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var number) ? number : null;
}
