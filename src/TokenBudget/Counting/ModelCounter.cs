using Microsoft.Extensions.AI;

namespace TokenBudget.Counting;

/// <summary>How requests of one model are counted.</summary>
/// <param name="Messages">Counts with the model's encoding, or o200k_base where none is public.</param>
/// <param name="Calibration">The model's tokens for each of those.</param>
public sealed record ModelCounter(MessageCounter Messages, TokenCalibration Calibration)
{
    /// <summary>The same for one request of a conversation, with what was reported of earlier ones of it.</summary>
    /// <param name="messages">All messages of the conversation, before a window cuts them.</param>
    /// <exception cref="ArgumentNullException"><paramref name="messages"/> is null.</exception>
    public ModelCounter For(IReadOnlyList<ChatMessage> messages) => this with { Calibration = Calibration.For(messages) };
}
