using TokenBudget.Configuration;
using TokenBudget.Generators.Models;

namespace TokenBudget.Generators.Contracts;

/// <summary>What is known of a call before it is made, where only the code speaks: configuration may say otherwise.</summary>
/// <param name="Fixed">What it sends in any case.</param>
/// <param name="Window">The most tokens of a request, the reserve for the answer included.</param>
/// <param name="InputTokens">The most input tokens of a request.</param>
/// <param name="OutputTokens">The most tokens of an answer.</param>
/// <param name="Rounds">The most model requests.</param>
/// <param name="Attempts">The most attempts of each.</param>
/// <param name="WorstCaseUsd">What all of them cost at most, by the dearest of the models the call may go to; null where one has no known price.</param>
internal sealed record CallFacts(FixedTokens Fixed, long Window, long InputTokens, long OutputTokens, int Rounds, int Attempts, decimal? WorstCaseUsd)
{
    /// <summary>Settings that name a model the call may go to.</summary>
    public static readonly string[] ModelSettings = ["Model", "WhenSimple", "WhenBudgetIsLow", "WhenOverloaded"];

    /// <summary>What roles and separators take; generously, for a number, a date or a flag as well.</summary>
    private const int TokensPerPiece = 64;

    /// <summary>The run time's margin for a count that is an estimate.</summary>
    private const double Margin = 1.1;

    /// <summary>The facts of a call.</summary>
    /// <param name="call">The call, with its prompts and the project's settings in place.</param>
    /// <param name="models">The models the build knows.</param>
    public static CallFacts Of(CallModel call, ModelTable models)
    {
        var model = models.Find(call.Setting("Model"));
        var context = call.Number("MaxContextTokens");
        var window = Math.Min(context ?? DefaultLimits.MaxContextTokens, model?.MaxInputTokens ?? long.MaxValue);
        var output = Math.Min(
            call.Number("MaxOutputTokens") ?? Math.Max(1, Math.Min(DefaultLimits.MaxOutputTokens, (context ?? DefaultLimits.MaxContextTokens) / 2)),
            model?.MaxOutputTokens ?? long.MaxValue);
        var fixedTokens = FixedTokens.Of(call);
        var room = Math.Max(0, window - output);
        var input = VariableTokens(call) is { } variable ? Math.Min(room, (long)((fixedTokens.Total + variable) * Margin)) : room;
        var rounds = call.HasTools ? (int)(call.Number("MaxRounds") ?? DefaultLimits.MaxRounds) : 1;
        var attempts = (int)(call.Number("MaxAttempts") ?? DefaultLimits.MaxAttempts);
        return new CallFacts(fixedTokens, window, input, output, rounds, attempts, WorstCase(call, models, input, output) * rounds * attempts);
    }

    /// <summary>The most tokens of what differs from call to call; null when only the window bounds them.</summary>
    private static long? VariableTokens(CallModel call)
    {
        if (call.HasTools)
            return null;
        var tokens = (long)TokensPerPiece;
        foreach (var parameter in call.Signature.Parameters)
        {
            if (parameter.Role is ParameterRole.Messages or ParameterRole.Message or ParameterRole.Conversation or ParameterRole.ConversationId
                or ParameterRole.Content or ParameterRole.Contents or ParameterRole.Options)
                return null;
            if (parameter.Role is not (ParameterRole.PromptValue or ParameterRole.UserMessage))
                continue;
            if (parameter.IsUnbounded)
                return null;
            tokens += TokensPerPiece + parameter.MaxTokens;
        }

        return tokens;
    }

    private static decimal? WorstCase(CallModel call, ModelTable models, long input, long output)
    {
        decimal? most = null;
        foreach (var setting in ModelSettings)
        {
            if (call.Setting(setting) is not { } id)
                continue;
            if (models.Find(id)?.WorstCaseUsd(input, output) is not { } cost)
                return null;
            most = Math.Max(most ?? 0, cost);
        }

        return most;
    }
}
