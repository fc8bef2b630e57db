namespace TokenBudget.Cli.Contracts;

/// <summary>The shortest names by which a reader tells methods apart: of interface and method, or in full where that is not enough.</summary>
internal sealed class ContractNames
{
    private readonly Dictionary<string, string> _names = new(StringComparer.Ordinal);

    public ContractNames(IEnumerable<Contract> contracts)
    {
        foreach (var alike in contracts.DistinctBy(static contract => contract.Key).GroupBy(static contract => ShortOf(contract.Method), StringComparer.Ordinal))
            foreach (var contract in alike)
                _names[contract.Key] = alike.Count() == 1 ? alike.Key
                    : alike.Count(other => other.Method == contract.Method) == 1 ? contract.Method
                    : contract.Key;
    }

    public string this[Contract contract] => _names[contract.Key];

    /// <summary><c>ISupportAgent.AskAsync</c> of <c>Contoso.ISupportAgent.AskAsync(string)</c>.</summary>
    private static string ShortOf(string method)
    {
        var end = method.IndexOf('(', StringComparison.Ordinal);
        var name = end < 0 ? method : method[..end];
        var depth = 0;
        var dots = 0;
        for (var i = name.Length - 1; i >= 0; i--)
        {
            depth += name[i] switch { '>' => 1, '<' => -1, _ => 0 };
            if (name[i] == '.' && depth == 0 && ++dots == 2)
                return name[(i + 1)..];
        }

        return name;
    }
}
