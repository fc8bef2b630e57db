namespace TokenBudget.Windowing;

/// <summary>What a request leaves out, and what the one before did.</summary>
/// <param name="State">What this request leaves out.</param>
/// <param name="Previous">What the request before left out.</param>
/// <param name="PreviousEnd">The unit before which that request ended; 0, there was none.</param>
/// <param name="IsCold">Whether the provider's prompt cache has forgotten it since.</param>
internal readonly record struct WindowDecision(WindowState State, WindowState Previous, int PreviousEnd, bool IsCold);
