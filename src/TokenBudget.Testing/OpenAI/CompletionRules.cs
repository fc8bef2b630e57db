using System.Text.Json;

namespace TokenBudget.Testing;

/// <summary>What the real API demands of a conversation, checked in one place. Wording inferred from public error reports.</summary>
internal static class CompletionRules
{
    public static void Check(CompletionCall call, SimulatedModel model)
    {
        CheckTools(call.Messages);
        CheckFormat(call);
        if (WireJson.Optional(call.Body, "n") is { } choices && !(choices.TryGetInt32(out var count) && count == 1))
            throw OpenAIDialect.Invalid("The simulator gives one choice: leave 'n' out or set it to 1.", "n", "invalid_value");
        CheckSize(call, model);
    }

    private static void CheckTools(IReadOnlyList<CompletionMessage> messages)
    {
        HashSet<string> open = new(StringComparer.Ordinal);
        for (var index = 0; index < messages.Count; index++)
        {
            var message = messages[index];
            if (message.Role == "tool")
            {
                if (!open.Remove(message.Answers!))
                {
                    throw OpenAIDialect.Invalid(
                        "Invalid parameter: messages with role 'tool' must be a response to a preceeding message with 'tool_calls'.", $"messages.[{index}].role");
                }

                continue;
            }

            CheckAnswered(open, index);
            if (message.Role == "assistant")
                open.UnionWith(message.Calls);
        }

        CheckAnswered(open, messages.Count);
    }

    private static void CheckAnswered(HashSet<string> open, int index)
    {
        if (open.Count > 0)
        {
            throw OpenAIDialect.Invalid(
                "An assistant message with 'tool_calls' must be followed by tool messages responding to each 'tool_call_id'. "
                + $"The following tool_call_ids did not have response messages: {string.Join(", ", open)}",
                $"messages.[{index}].role");
        }
    }

    private static void CheckFormat(CompletionCall call)
    {
        if (WireJson.Optional(call.Body, "response_format") is not { } format)
            return;
        switch (WireJson.OptionalString(format, "type"))
        {
            case "text":
                return;
            case "json_object":
                // Documented: without the word the model may write blanks without end.
                if (!call.Messages.Any(message => message.Text.Contains("json", StringComparison.OrdinalIgnoreCase)))
                {
                    throw OpenAIDialect.Invalid(
                        "'messages' must contain the word 'json' in some form, to use 'response_format' of type 'json_object'.", "messages");
                }

                return;
            case "json_schema":
                var schema = WireJson.Optional(format, "json_schema");
                foreach (var name in (string[])["name", "schema"])
                {
                    if (schema is null || WireJson.Optional(schema.Value, name) is null)
                    {
                        throw OpenAIDialect.Invalid(
                            $"Missing required parameter: 'response_format.json_schema.{name}'.", $"response_format.json_schema.{name}", "missing_required_parameter");
                    }
                }

                return;
            case var other:
                throw OpenAIDialect.Invalid(
                    $"Invalid value: '{other}'. Supported values are: 'json_object', 'json_schema', and 'text'.", "response_format.type", "invalid_value");
        }
    }

    private static void CheckSize(CompletionCall call, SimulatedModel model)
    {
        if (call.MaxTokens > model.MaxOutputTokens)
        {
            throw OpenAIDialect.Invalid(
                $"max_tokens is too large: {call.MaxTokens}. This model supports at most {model.MaxOutputTokens} completion tokens, "
                + $"whereas you provided {call.MaxTokens}.",
                "max_tokens",
                "invalid_value");
        }

        // The window holds prompt and answer together (documented).
        if (call.PromptTokens > model.MaxInputTokens)
        {
            throw OpenAIDialect.Invalid(
                $"This model's maximum context length is {model.MaxInputTokens} tokens. However, your messages resulted in {call.PromptTokens} tokens. "
                + "Please reduce the length of the messages.",
                "messages",
                "context_length_exceeded");
        }

        if (call.MaxTokens is { } answer && call.PromptTokens + (long)answer > model.MaxInputTokens)
        {
            throw OpenAIDialect.Invalid(
                $"This model's maximum context length is {model.MaxInputTokens} tokens. However, you requested {call.PromptTokens + (long)answer} tokens "
                + $"({call.PromptTokens} in the messages, {answer} in the completion). Please reduce the length of the messages or completion.",
                "messages",
                "context_length_exceeded");
        }
    }
}
