using System.Text;
using TokenBudget.Generators.Models;

namespace TokenBudget.Generators.Contracts;

/// <summary>
/// The names of methods in contracts: the interface in full, the method, and its parameters' types without their namespaces, so that it stays the same method when one of them moves.
/// </summary>
internal static class MethodNames
{
    /// <summary>The names of an interface's methods, in their order.</summary>
    /// <param name="type">The interface, fully qualified as code has it.</param>
    /// <param name="calls">Its methods that have a contract.</param>
    public static IReadOnlyList<string> Of(string type, IReadOnlyList<CallModel> calls)
    {
        var names = calls.Select(call => Of(type, call, Simple)).ToList();
        var alike = new HashSet<string>(names.GroupBy(static name => name, StringComparer.Ordinal).Where(static group => group.Count() > 1).Select(static group => group.Key));
        // Overloads by types of one name in two namespaces.
        return [.. names.Select((name, index) => alike.Contains(name) ? Of(type, calls[index], Plain) : name)];
    }

    /// <summary>A type without namespaces and outer types.</summary>
    public static string Simple(string type)
    {
        var simple = new StringBuilder();
        foreach (var character in Plain(type))
        {
            if (character != '.')
            {
                simple.Append(character);
                continue;
            }

            while (simple.Length > 0 && (char.IsLetterOrDigit(simple[simple.Length - 1]) || simple[simple.Length - 1] == '_'))
                simple.Length--;
        }

        return simple.ToString();
    }

    private static string Of(string type, CallModel call, Func<string, string> written)
    {
        var declaring = call.ExplicitInterface is { } other && other != type ? Plain(other) + "." : "";
        return $"{Plain(type)}.{declaring}{Plain(call.Signature.Name)}({string.Join(", ", call.Signature.Parameters.Select(parameter => written(parameter.Type)))})";
    }

    /// <summary>A name of code as a reader writes it.</summary>
    private static string Plain(string code) => code.Replace("global::", "").Replace("@", "");
}
