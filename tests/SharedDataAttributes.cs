namespace TokenBudget.TestSupport;

/// <summary>A test that needs the recorded data; without it, skipped with the reason printed, so that it is counted apart.</summary>
internal sealed class SharedDataFactAttribute : FactAttribute
{
    public SharedDataFactAttribute() => Skip = SharedData.Exists ? null : SharedData.Missing;
}

/// <summary>A theory that needs the recorded data; see <see cref="SharedDataFactAttribute"/>.</summary>
internal sealed class SharedDataTheoryAttribute : TheoryAttribute
{
    public SharedDataTheoryAttribute() => Skip = SharedData.Exists ? null : SharedData.Missing;
}
