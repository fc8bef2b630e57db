using Microsoft.Extensions.AI;

namespace TokenBudget.Windowing;

/// <summary>What a window sends, for those who do not read its report.</summary>
/// <param name="Messages">The messages.</param>
/// <param name="TokensBefore">As <see cref="ReductionReport.TokensBefore"/>.</param>
/// <param name="TokensAfter">As <see cref="ReductionReport.TokensAfter"/>.</param>
/// <param name="SharedTokens">As <see cref="ReductionReport.SharedTokens"/>.</param>
internal readonly record struct SentRequest(IReadOnlyList<ChatMessage> Messages, long TokensBefore, long TokensAfter, long SharedTokens);
