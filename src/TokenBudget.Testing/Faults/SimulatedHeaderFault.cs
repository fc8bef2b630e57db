namespace TokenBudget.Testing;

/// <summary>What is wrong with the rate-limit headers.</summary>
public enum SimulatedHeaderFault
{
    /// <summary>They are missing.</summary>
    Absent,

    /// <summary>Their values are nonsense: words, negative and huge numbers, empty.</summary>
    Garbled,

    /// <summary>Each comes twice, with another value the second time.</summary>
    Duplicated,

    /// <summary>Their names are in capitals.</summary>
    UpperCase,
}
