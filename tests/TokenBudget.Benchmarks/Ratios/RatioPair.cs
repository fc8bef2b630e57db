namespace TokenBudget.Benchmarks.Ratios;

/// <summary>Our way and a peer's way of doing the same job.</summary>
/// <param name="Name">What is measured.</param>
/// <param name="Peer">What we are compared with.</param>
/// <param name="Goal">The most the ratio of our time to the peer's may be.</param>
/// <param name="Ours">Does the job once, our way.</param>
/// <param name="Theirs">Does the job once, the peer's way.</param>
internal sealed record RatioPair(string Name, string Peer, double Goal, Action Ours, Action Theirs);
