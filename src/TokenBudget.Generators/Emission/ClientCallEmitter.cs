using TokenBudget.Generators.Collections;
using TokenBudget.Generators.Models;

namespace TokenBudget.Generators.Emission;

/// <summary>Writes a method that calls the chat client.</summary>
internal static class ClientCallEmitter
{
    public static void Emit(SourceWriter writer, CallModel call, ClassNames names, ClassFacts facts)
    {
        CallEmitter.Open(writer, call, names, facts);

        // In the order of the request: what is always sent comes before the conversation.
        foreach (var message in call.Leading)
        {
            EmitParts(writer, call, message.Parts, names);
            writer.Line($"{names.Call}.EndLeadingMessage(byAssistant: {(message.IsAssistant ? "true" : "false")});");
        }

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
        EmitParts(writer, call, call.Prompt, names);
        writer.Line($"{names.Call}.EndUserMessage();");
    }

    private static void EmitParts(SourceWriter writer, CallModel call, EquatableArray<PromptPart> parts, ClassNames names)
    {
        foreach (var part in parts)
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
    }
}
