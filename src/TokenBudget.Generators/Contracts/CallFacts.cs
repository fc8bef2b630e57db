using TokenBudget.Configuration;
using TokenBudget.Generators.Models;

namespace TokenBudget.Generators.Contracts;

/// <summary>What is known of a call before it is made, where only the code speaks: configuration may say otherwise.</summary>
/// <param name="Fixed">What it sends in any case.</param>
/// <param name="Variable">The most tokens of what differs from call to call; null when only the window bounds them.</param>
/// <param name="Window">The most tokens of a request, the reserve for the answer included.</param>
/// <param name="InputTokens">The most input tokens of a request, with the run time's margin.</param>
/// <param name="OutputTokens">The most tokens of an answer.</param>
/// <param name="Rounds">The most model requests.</param>
/// <param name="Attempts">The most attempts of each, whichever model they go to.</param>
/// <param name="DearestModel">The dearest of the models it may go to; null where one has no known price.</param>
/// <param name="RequestUsd">What one attempt costs at most, by that model; null without it, and for what a user's own implementation sends.</param>
internal sealed record CallFacts(
    FixedTokens Fixed, long? Variable, long Window, long InputTokens, long OutputTokens, int Rounds, int Attempts, string? DearestModel, decimal? RequestUsd)
{
    /// <summary>Settings that name a model the call may go to.</summary>
    public static readonly string[] ModelSettings = ["Model", "WhenSimple", "WhenBudgetIsLow", "WhenOverloaded"];

    /// <summary>What roles and separators take; generously, for a number, a date or a flag as well.</summary>
    private const int TokensPerPiece = 64;

    /// <summary>The run time's margin for a count that is an estimate.</summary>
    private const double Margin = 1.1;

    /// <summary>What the whole call costs at most, all rounds and attempts of it.</summary>
    public decimal? WorstCaseUsd => RequestUsd * Rounds * Attempts;

    /// <summary>The facts of a call.</summary>
    /// <param name="kind">What is generated of it. What a user's own implementation sends is not known.</param>
    /// <param name="call">The call, with its prompts and the project's settings in place.</param>
    /// <param name="models">The models the build knows.</param>
    public static CallFacts Of(AgentKind kind, CallModel call, ModelTable models)
    {
        var model = models.Find(call.Setting("Model"));
        var context = call.Number("MaxContextTokens");
        var window = Math.Min(context ?? DefaultLimits.MaxContextTokens, model?.MaxInputTokens ?? long.MaxValue);
        var output = Math.Min(
            call.Number("MaxOutputTokens") ?? Math.Max(1, Math.Min(DefaultLimits.MaxOutputTokens, (context ?? DefaultLimits.MaxContextTokens) / 2)),
            model?.MaxOutputTokens ?? long.MaxValue);
        var fixedTokens = FixedTokens.Of(call);
        var variable = VariableTokens(call);
        var room = Math.Max(0, window - output);
        var input = (long)(Math.Min(room, fixedTokens.Total + variable ?? room) * Margin);
        var rounds = call.HasTools ? (int)(call.Number("MaxRounds") ?? DefaultLimits.MaxRounds) : 1;
        var attempts = (int)(call.Number("MaxAttempts") ?? DefaultLimits.MaxAttempts);
        var (dearest, usd) = kind == AgentKind.Client ? Dearest(call, models, input, output) : default;
        return new CallFacts(fixedTokens, variable, window, input, output, rounds, attempts, dearest, usd);
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

    private static (string? Model, decimal? Usd) Dearest(CallModel call, ModelTable models, long input, long output)
    {
        (string? Model, decimal? Usd) dearest = default;
        foreach (var setting in ModelSettings)
        {
            if (call.Setting(setting) is not { } id)
                continue;
            if (models.Find(id)?.WorstCaseUsd(input, output) is not { } usd)
                return default;
            if (!(usd <= dearest.Usd))
                dearest = (id, usd);
        }

        return dearest;
    }
}
