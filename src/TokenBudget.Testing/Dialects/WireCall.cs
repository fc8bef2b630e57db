using System.Text.Json;

namespace TokenBudget.Testing;

/// <summary>A request that could be read. What follows does not ask which language it was written in.</summary>
internal abstract class WireCall
{
    public required JsonElement Body { get; init; }

    public required string Model { get; init; }

    /// <summary>As asked for; <see langword="null"/> where the language allows to leave it out.</summary>
    public required int? MaxTokens { get; init; }

    public required bool Stream { get; init; }

    public required IReadOnlyList<string> StopSequences { get; init; }

    /// <summary>The prompt in the order in which the provider reads it.</summary>
    public required IReadOnlyList<PromptPart> Prompt { get; init; }

    public int PromptTokens => Prompt.Count == 0 ? 0 : Prompt[^1].PrefixTokens;

    /// <summary>System texts, messages and tools as a responder sees them; asked for after <see cref="Check"/>.</summary>
    public abstract PromptView View();

    /// <summary>Rejects what the provider rejects in a request that could be read.</summary>
    /// <exception cref="RequestRejectedException">It breaks a rule.</exception>
    public abstract void Check(SimulatedModel model);
}
