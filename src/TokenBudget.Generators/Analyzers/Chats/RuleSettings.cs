namespace TokenBudget.Generators.Analyzers.Chats;

/// <summary>What a project's <c>.editorconfig</c> tells the rules. A value that cannot be read says nothing.</summary>
internal sealed class RuleSettings(AnalyzerConfigOptions options)
{
    private const string Limiters = "tokenbudget.history_limiters";
    private const string Server = "tokenbudget.is_server";

    private string[]? _limiters;

    /// <summary>Whether the program serves many users; null if that is to be found out.</summary>
    public bool? IsServer => options.TryGetValue(Server, out var text) && bool.TryParse(text, out var value) ? value : null;

    /// <summary>Whether a method is named as one that shortens the history it is given or returns.</summary>
    public bool NamesLimiter(string method) => Array.IndexOf(_limiters ??= Read(), method) >= 0;

    private string[] Read() => options.TryGetValue(Limiters, out var text)
        ? [.. text.Split([',', ';'], StringSplitOptions.RemoveEmptyEntries).Select(static name => name.Trim())]
        : [];
}
