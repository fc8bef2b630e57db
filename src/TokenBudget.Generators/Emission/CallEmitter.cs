using System.Globalization;
using TokenBudget.Generators.Models;

namespace TokenBudget.Generators.Emission;

/// <summary>What calls on a chat client and calls on the user's implementation have in common.</summary>
internal static class CallEmitter
{
    /// <summary>The remarks, the header and the start of the call.</summary>
    /// <param name="writer">Where to.</param>
    /// <param name="call">The call.</param>
    /// <param name="names">The names in the class.</param>
    /// <param name="facts">What is known of the calls.</param>
    /// <param name="shortcut">What to return at once where the budget is switched off; null, nothing.</param>
    public static void Open(SourceWriter writer, CallModel call, ClassNames names, ClassFacts facts, string? shortcut = null)
    {
        writer.Line($"/// <remarks>{RemarksWriter.Of(call, facts.Of(call))}</remarks>");
        writer.Open(MemberEmitter.Header(call.Signature, call.ExplicitInterface));
        if (shortcut is not null)
        {
            writer.Line($"if ({names.Of(call).Field}.IsOff)");
            writer.Line($"    return {shortcut};");
        }

        writer.Line($"var {names.Call} = {names.Of(call).Field}.Begin();");
    }

    /// <summary>
    /// Hands over the parameters that are not part of a prompt. The user message comes last: what the runtime collects, it collects in
    /// the order of the request.
    /// </summary>
    /// <param name="writer">Where to.</param>
    /// <param name="call">The call.</param>
    /// <param name="names">The names in the class.</param>
    /// <param name="conversation">How a conversation is handed over.</param>
    public static void Arguments(SourceWriter writer, CallModel call, ClassNames names, Func<string, string> conversation)
    {
        var hasContents = false;
        var hasText = call.Prompt.Count > 0;
        foreach (var parameter in call.Signature.Parameters)
        {
            hasContents |= parameter.Role is ParameterRole.Content or ParameterRole.Contents;
            hasText |= parameter.Role == ParameterRole.UserMessage;
            if (parameter.Role != ParameterRole.UserMessage)
                Argument(writer, parameter, names, conversation);
        }

        foreach (var parameter in call.Signature.Parameters)
            if (parameter.Role == ParameterRole.UserMessage)
                Argument(writer, parameter, names, conversation);
        if (hasContents && !hasText)
            writer.Line($"{names.Call}.EndUserMessage();");
    }

    private static void Argument(SourceWriter writer, ParameterModel parameter, ClassNames names, Func<string, string> conversation)
    {
        var name = PolicyEmitter.Quote(parameter.Name);
        var value = MemberEmitter.Identifier(parameter);
        var statement = parameter.Role switch
        {
            ParameterRole.Conversation => $"{names.Call}.{conversation(value)};",
            ParameterRole.ConversationId => $"{names.Call}.ConversationId({name}, {value});",
            ParameterRole.Messages => $"{names.Call}.Messages({name}, {value});",
            ParameterRole.Message => $"{names.Call}.Message({name}, {value});",
            ParameterRole.Content => $"{names.Call}.Content({name}, {value});",
            ParameterRole.Contents => $"{names.Call}.Contents({name}, {value});",
            ParameterRole.Tools => $"{names.Call}.Tools({name}, {value});",
            ParameterRole.UserMessage => $"{names.Call}.UserMessage({name}, {value}{MaxTokens(parameter)});",
            ParameterRole.Options => $"{names.Call}.Options({value});",
            ParameterRole.Scope => $"{names.Call}.Scope({value});",
            ParameterRole.KeyPart => $"{names.Call}.KeyPart({name}, {value}{(names.Json is { } json && !IsPlain(parameter) ? ", " + json : "")});",
            _ => null,
        };
        if (statement is null)
            return;
        var allowsNull = parameter.Role is ParameterRole.Options or ParameterRole.Scope or ParameterRole.KeyPart;
        if (allowsNull || !parameter.CanBeNull)
        {
            writer.Line(statement);
            return;
        }

        writer.Open($"if ({value} is not null)");
        writer.Line(statement);
        writer.Close();
    }

    /// <summary>Whether no context is needed to write it into a key.</summary>
    private static bool IsPlain(ParameterModel parameter) => parameter.IsShort || parameter.Type is "string" or "string?";

    public static string MaxTokens(ParameterModel parameter) =>
        parameter.MaxTokens > 0 ? $", maxTokens: {parameter.MaxTokens.ToString(CultureInfo.InvariantCulture)}" : "";

    /// <summary>The token the call is given.</summary>
    public static string Token(CallModel call)
    {
        foreach (var parameter in call.Signature.Parameters)
            if (parameter.Role == ParameterRole.Cancellation)
                return MemberEmitter.Identifier(parameter);
        return Names.CancellationToken + ".None";
    }

    /// <summary>A task as what the method returns.</summary>
    public static string Returned(CallModel call, string task) => call.IsValueTask ? $"new {call.Signature.ReturnType}({task})" : task;

    public static string Format(CallModel call, ClassNames names) => call.Reply switch
    {
        // The formats say nothing of null, and a Task of one nullability is not one of the other.
        ReplyKind.Text => $"{Names.ReplyFormat}.Text{(call.ReplyCanBeNull ? "!" : "")}",
        ReplyKind.Response => $"{Names.ReplyFormat}.Response{(call.ReplyCanBeNull ? "!" : "")}",
        ReplyKind.Enum => $"{Names.ReplyFormat}.Enum<{call.ReplyType}>()",
        _ => names.Of(call).Reply,
    };
}
