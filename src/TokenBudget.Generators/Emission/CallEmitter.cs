using System.Globalization;
using TokenBudget.Generators.Models;

namespace TokenBudget.Generators.Emission;

/// <summary>What calls on a chat client and calls on the user's implementation have in common.</summary>
internal static class CallEmitter
{
    /// <summary>The remarks, the header and the start of the call.</summary>
    public static void Open(SourceWriter writer, CallModel call, ClassNames names)
    {
        writer.Line($"/// <remarks>{RemarksWriter.Of(call)}</remarks>");
        writer.Open(MemberEmitter.Header(call.Signature, call.ExplicitInterface));
        writer.Line($"var {names.Call} = {names.Of(call).Field}.Begin();");
    }

    /// <summary>Hands over one parameter that is not part of a prompt.</summary>
    public static void Argument(SourceWriter writer, ParameterModel parameter, ClassNames names)
    {
        var name = PolicyEmitter.Quote(parameter.Name);
        var value = MemberEmitter.Identifier(parameter);
        var statement = parameter.Role switch
        {
            ParameterRole.Conversation => $"{names.Call}.Conversation({value});",
            ParameterRole.Messages => $"{names.Call}.Messages({name}, {value});",
            ParameterRole.UserMessage => $"{names.Call}.UserMessage({name}, {value}{MaxTokens(parameter)});",
            ParameterRole.Options => $"{names.Call}.Options({value});",
            ParameterRole.Scope => $"{names.Call}.Scope({value});",
            ParameterRole.KeyPart => $"{names.Call}.KeyPart({name}, {value});",
            _ => null,
        };
        if (statement is null)
            return;
        var needsValue = parameter.Role is ParameterRole.Conversation or ParameterRole.Messages or ParameterRole.UserMessage;
        if (!needsValue || !parameter.CanBeNull)
        {
            writer.Line(statement);
            return;
        }

        writer.Open($"if ({value} is not null)");
        writer.Line(statement);
        writer.Close();
    }

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

    public static string Format(CallModel call, ClassNames names) => call.Reply switch
    {
        // The formats say nothing of null, and a Task of one nullability is not one of the other.
        ReplyKind.Text => $"{Names.ReplyFormat}.Text{(call.ReplyCanBeNull ? "!" : "")}",
        ReplyKind.Response => $"{Names.ReplyFormat}.Response{(call.ReplyCanBeNull ? "!" : "")}",
        ReplyKind.Enum => $"{Names.ReplyFormat}.Enum<{call.ReplyType}>()",
        _ => names.Of(call).Reply,
    };
}
