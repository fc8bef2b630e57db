namespace TokenBudget.Generators.Analyzers.Chats;

/// <summary>Whether code waits for somebody: a person at the keyboard, a message that comes in. Then that one sets the pace.</summary>
internal static class HumanInput
{
    private static readonly string[] Words = ["ReadLine", "ReadKey", "Input", "Receive", "WaitTo", "WaitFor", "Dequeue", "ReadAsync", "Approv"];

    /// <summary>In a library's method they mean a person; in one of the project they may as well mean the model.</summary>
    private static readonly string[] LibraryWords = ["Prompt", "Ask", "Confirm"];

    public static bool IsReadIn(IOperation operation)
    {
        foreach (var part in operation.Descendants())
        {
            if (part is IInvocationOperation call && !ChatApi.IsSend(call) && Waits(call.TargetMethod))
                return true;
        }

        return false;
    }

    private static bool Waits(IMethodSymbol method)
    {
        // A timer is nobody.
        if (method.ReturnsVoid || method.Name == "WaitForNextTickAsync")
            return false;
        return Has(method.Name, Words) || (method.DeclaringSyntaxReferences.Length == 0 ? Has(method.Name, LibraryWords) : ReadsKeyboard(method));
    }

    private static bool ReadsKeyboard(IMethodSymbol method)
    {
        foreach (var reference in method.DeclaringSyntaxReferences)
            if (SourceWords.Has(reference.GetSyntax(), ["ReadLine", "ReadKey"], CancellationToken.None))
                return true;
        return false;
    }

    private static bool Has(string name, string[] words)
    {
        foreach (var word in words)
            if (name.IndexOf(word, StringComparison.Ordinal) >= 0)
                return true;
        return false;
    }
}
