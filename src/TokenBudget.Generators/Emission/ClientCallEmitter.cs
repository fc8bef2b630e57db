using TokenBudget.Generators.Models;

namespace TokenBudget.Generators.Emission;

/// <summary>Writes a method that calls the chat client.</summary>
internal static class ClientCallEmitter
{
    public static void Emit(SourceWriter writer, CallModel call, ClassNames names)
    {
        CallEmitter.Open(writer, call, names);

        CallEmitter.Arguments(writer, call, names, static value => $"Conversation({value})");
        EmitPrompt(writer, call, names);

        var token = CallEmitter.Token(call);
        var result = call.Reply switch
        {
            ReplyKind.Stream => $"StreamAsync({token})",
            ReplyKind.TextStream => $"StreamTextAsync({token})",
            _ => $"{(call.IsReported ? "InvokeReplyAsync" : "InvokeAsync")}{(call.ReplyCanBeNull ? $"<{call.ReplyType}>" : "")}({CallEmitter.Format(call, names)}, {token})",
        };
        writer.Line($"return {CallEmitter.Returned(call, $"{names.Call}.{result}")};");
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
