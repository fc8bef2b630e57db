namespace TokenBudget.Tests.Calls;

/// <summary>Runs alone, because the heap of the whole process is measured.</summary>
[CollectionDefinition(nameof(ManyCallsTests), DisableParallelization = true)]
public sealed class ManyCallsCollection;
