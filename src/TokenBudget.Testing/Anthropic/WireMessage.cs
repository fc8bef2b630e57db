namespace TokenBudget.Testing;

/// <summary>One or more consecutive messages of a role, combined.</summary>
internal sealed record WireMessage(string Role, int Index, List<WireBlock> Blocks);
