namespace TokenBudget.Generators.Emission;

/// <summary>Gives out names that nothing else in the class has.</summary>
internal sealed class UniqueNames
{
    private readonly HashSet<string> _taken = [];

    public void Reserve(string name) => _taken.Add(name);

    /// <summary>The wished name, or the first free one with a number after it.</summary>
    public string Take(string wish)
    {
        var name = wish;
        for (var number = 2; !_taken.Add(name); number++)
            name = $"{wish}{number}";
        return name;
    }
}
