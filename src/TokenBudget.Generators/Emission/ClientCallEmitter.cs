using TokenBudget.Generators.Models;

namespace TokenBudget.Generators.Emission;

/// <summary>Writes a method that calls the chat client.</summary>
internal static class ClientCallEmitter
{
    public static void Emit(SourceWriter writer, CallModel call, ClassNames names)
    {
        CallEmitter.Open(writer, call, names);

        // The user message comes last: what the runtime collects, it collects in the order of the request.
        foreach (var parameter in call.Signature.Parameters)
            if (parameter.Role != ParameterRole.UserMessage)
                CallEmitter.Argument(writer, parameter, names);
        foreach (var parameter in call.Signature.Parameters)
            if (parameter.Role == ParameterRole.UserMessage)
                CallEmitter.Argument(writer, parameter, names);
        EmitPrompt(writer, call, names);

        var token = CallEmitter.Token(call);
        writer.Line(call.Reply == ReplyKind.Stream
            ? $"return {names.Call}.StreamAsync({token});"
            : $"return {names.Call}.InvokeAsync{(call.ReplyCanBeNull ? $"<{call.ReplyType}>" : "")}({CallEmitter.Format(call, names)}, {token});");
        writer.Close();
    }

    private static void EmitPrompt(SourceWriter writer, CallModel call, ClassNames names)
    {
        if (call.Prompt.Count == 0)
            return;
        foreach (var part in call.Prompt)
        {
            if (!part.IsValue)
            {
                writer.Line($"{names.Call}.Literal({PolicyEmitter.Quote(part.Text)});");
                continue;
            }

            foreach (var parameter in call.Signature.Parameters)
            {
                if (parameter.Name != part.Text)
                    continue;
                var format = part.Format is { } text ? $", format: {PolicyEmitter.Quote(text)}" : "";
                writer.Line(
                    $"{names.Call}.Value({PolicyEmitter.Quote(part.Text)}, {MemberEmitter.Identifier(parameter)}{format}{CallEmitter.MaxTokens(parameter)});");
            }
        }

        writer.Line($"{names.Call}.EndUserMessage();");
    }
}
