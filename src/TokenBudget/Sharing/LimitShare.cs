namespace TokenBudget.Sharing;

/// <summary>What a process has of a limit.</summary>
/// <param name="Amount">How much of the limit it may use.</param>
/// <param name="Alone">How much it may use from now on while the store is away.</param>
/// <param name="Fair">How much is its part while all want more than there is; otherwise the whole limit.</param>
/// <param name="Holders">How many processes have a share.</param>
/// <param name="IsContested">Whether all together want more than there is.</param>
public readonly record struct LimitShare(long Amount, long Alone, long Fair, int Holders, bool IsContested);
