namespace TokenBudget.Tokenization.Tests;

/// <summary>Tests that run while no other does.</summary>
[CollectionDefinition(nameof(AllocationTests), DisableParallelization = true)]
public sealed class AllocationCollection;
