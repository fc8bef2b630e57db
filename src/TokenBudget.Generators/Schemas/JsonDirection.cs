namespace TokenBudget.Generators.Schemas;

/// <summary>What is done with values of a type.</summary>
[Flags]
internal enum JsonDirection
{
    /// <summary>They are read from JSON.</summary>
    Read = 1,

    /// <summary>They are written as JSON.</summary>
    Write = 2,
}
