using TokenBudget.Generators.Models;

namespace TokenBudget.Generators.Emission;

/// <summary>Writes a method that calls the user's implementation.</summary>
internal static class WrapperCallEmitter
{
    /// <summary>Names a tuple element cannot have, besides <c>Item1</c> and its like.</summary>
    private static readonly HashSet<string> ReservedElements =
        ["CompareTo", "Deconstruct", "Equals", "GetHashCode", "Inner", "Rest", "ToString"];

    public static void Emit(SourceWriter writer, AgentModel model, CallModel call, ClassNames names, ClassFacts facts)
    {
        CallEmitter.Open(writer, call, names, facts, MemberEmitter.Forward(call.Signature, call.InnerInterface is { } own ? $"(({own}){names.Inner})" : names.Inner));
        // A conversation is counted and part of the key, but not appended to: that is what the user's implementation does with it.
        CallEmitter.Arguments(writer, call, names, static value => $"Messages({PolicyEmitter.Quote(value.TrimStart('@'))}, {value}.Messages)");

        // The lambda is static so that a call allocates no closure; what it needs travels in one state value.
        var elements = new List<string>();
        var arguments = new List<string>();
        foreach (var parameter in call.Signature.Parameters)
        {
            if (parameter.Role is ParameterRole.Cancellation or ParameterRole.Messages)
            {
                arguments.Add(parameter.Role == ParameterRole.Cancellation ? names.Token : Windowed(call, names));
                continue;
            }

            var element = ElementName(parameter.Name, elements.Count);
            elements.Add($"{element}: {MemberEmitter.Identifier(parameter)}");
            arguments.Add($"{names.State}.{element}");
        }

        // There is no tuple of one.
        var isTuple = elements.Count > 0;
        var state = isTuple ? $"(Inner: {names.Inner}, {string.Join(", ", elements)})" : $"{names.Inner}";
        var inner = isTuple ? names.State + ".Inner" : names.State;
        var target = call.InnerInterface is { } declaring ? $"(({declaring}){inner})" : inner;
        var run = call.Reply switch
        {
            ReplyKind.Stream => "WrapStream",
            ReplyKind.TextStream => "WrapTextStream",
            _ when call.IsReported => "WrapReplyAsync",
            _ => "WrapAsync",
        };
        writer.Line($"return {(call.IsValueTask ? $"new {call.Signature.ReturnType}(" : "")}{names.Call}.{run}(");
        if (!call.IsStream)
            writer.Line($"    {CallEmitter.Format(call, names)},");
        writer.Line($"    static ({names.State}, {names.Messages}, {names.Token}) =>");
        writer.Line($"        {target}.{call.Signature.Name}({string.Join(", ", arguments)}){(call.IsValueTask ? ".AsTask()" : "")},");
        writer.Line($"    {state},");
        writer.Line($"    {CallEmitter.Token(call)}){(call.IsValueTask ? ")" : "")};");
        writer.Close();
    }

    private static string Windowed(CallModel call, ClassNames names) => call.List switch
    {
        ListConversion.List => $"new global::System.Collections.Generic.List<{Names.ChatMessage}>({names.Messages})",
        ListConversion.Array => $"global::System.Linq.Enumerable.ToArray({names.Messages})",
        _ => names.Messages,
    };

    private static string ElementName(string parameter, int index) =>
        ReservedElements.Contains(parameter) || parameter.StartsWith("Item", StringComparison.Ordinal)
            ? $"argument{index}"
            : Parsing.SymbolNames.Escape(parameter);
}
