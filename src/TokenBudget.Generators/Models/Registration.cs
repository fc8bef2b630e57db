namespace TokenBudget.Generators.Models;

/// <summary>What a registration needs to know of the class it registers.</summary>
/// <param name="Namespace">Its namespace, escaped; empty for the global one.</param>
/// <param name="ClassName">Its name, without type parameters.</param>
/// <param name="TypeArguments">Its type parameters as arguments, or nothing.</param>
/// <param name="Arity">How many they are.</param>
internal sealed record Registration(string Namespace, string ClassName, string TypeArguments, int Arity)
{
    public Registration(AgentModel model)
        : this(model.Namespace, model.ClassName, model.TypeArguments, model.TypeParameters.Count)
    {
    }

    /// <summary>The class, fully qualified.</summary>
    public string Class => $"global::{(Namespace.Length == 0 ? "" : Namespace + ".")}{ClassName}{TypeArguments}";
}
