namespace TokenBudget.Telemetry;

/// <summary>Our own time for a request, where it was measured.</summary>
/// <param name="Requests">For how many requests like it the measurement stands; 0, it was not made.</param>
/// <param name="Time">The time.</param>
internal readonly record struct MeasuredTime(int Requests, TimeSpan Time);
