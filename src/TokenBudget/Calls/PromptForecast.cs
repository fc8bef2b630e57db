using TokenBudget.Windowing;

namespace TokenBudget.Calls;

/// <summary>What the window would make of a prompt, were it sent now.</summary>
/// <param name="TailStart">The index of the first message of the unbroken newest part that would be sent; 0, nothing would be cut.</param>
/// <param name="Overflows">Whether it would be refused, because what must be sent does not fit.</param>
/// <param name="Cuts">Whether the window cuts at all.</param>
/// <param name="PromptCache">What the provider's prompt cache charges; <see langword="null"/> where a changed prompt costs nothing more.</param>
internal readonly record struct PromptForecast(int TailStart, bool Overflows, bool Cuts, PromptCacheTerms? PromptCache);
