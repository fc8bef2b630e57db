using Microsoft.Extensions.AI;

namespace TokenBudget.Caching;

public sealed partial class CacheKeyBuilder
{
    /// <summary>
    /// Adds every option a client sends, the tools in their order with name, description and schema included. <see langword="null"/> differs from empty
    /// options, because a client may have defaults for the former.
    /// </summary>
    /// <param name="options">The options; only read.</param>
    /// <returns>
    /// <see langword="false"/> when the request is not cacheable: its raw form is rewritten by a callback, it depends on state the provider holds (a
    /// conversation id, a continuation token), or an option or tool is of a kind that cannot be seen through. <see cref="NotCacheableReason"/> says which.
    /// </returns>
    public bool TryAddOptions(ChatOptions? options)
    {
        if (options is null)
        {
            WriteHeader(Kind.Null, "options");
            return NotCacheableReason is null;
        }

        Open("options");
        if (options.GetType() != typeof(ChatOptions))
            Refuse($"its options are of the unknown type {options.GetType()}.");
        if (options.RawRepresentationFactory is not null)
            Refuse("its options have a RawRepresentationFactory, which can change anything that is sent.");
        if (options.ConversationId is not null)
            Refuse("its options have a ConversationId: the provider holds messages that are not in the request, and they grow.");

        Add("conversation", options.ConversationId);
        Add("model", options.ModelId);
        Add("instructions", options.Instructions);
        Add("temperature", options.Temperature);
        Add("max-output", options.MaxOutputTokens);
        Add("top-p", options.TopP);
        Add("top-k", options.TopK);
        Add("frequency-penalty", options.FrequencyPenalty);
        Add("presence-penalty", options.PresencePenalty);
        Add("seed", options.Seed);
        AddReasoning(options.Reasoning);
        AddResponseFormat(options.ResponseFormat);
        AddTexts("stop", options.StopSequences);
        Add("multiple-calls", options.AllowMultipleToolCalls);
        AddToolMode(options.ToolMode);
        AddTools(options.Tools);
        AddBackground(options);
        AddProperties("properties", options.AdditionalProperties);
        Close();
        return NotCacheableReason is null;
    }

    private void AddReasoning(ReasoningOptions? reasoning)
    {
        Add("reasoning", reasoning is not null);
        Add("effort", (long?)reasoning?.Effort);
        Add("reasoning-output", (long?)reasoning?.Output);
    }

    private void AddResponseFormat(ChatResponseFormat? format)
    {
        Add("format", format?.GetType().ToString());
        switch (format)
        {
            case null or ChatResponseFormatText:
                break;
            case ChatResponseFormatJson json:
                Add("schema-name", json.SchemaName);
                Add("schema-description", json.SchemaDescription);
                if (json.Schema is { } schema)
                    AddJson("schema", schema, sortKeys: false);
                break;
            default:
                Refuse($"its response format is of the unknown type {format.GetType()}.");
                break;
        }
    }

    private void AddToolMode(ChatToolMode? mode)
    {
        Add("tool-mode", mode?.GetType().ToString());
        if (mode is RequiredChatToolMode required)
            Add("required-tool", required.RequiredFunctionName);
        else if (mode is not (null or AutoChatToolMode or NoneChatToolMode))
            Refuse($"its tool mode is of the unknown type {mode.GetType()}.");
    }

    private void AddTexts(string name, IEnumerable<string>? texts)
    {
        if (texts is null)
        {
            WriteHeader(Kind.Null, name);
            return;
        }

        Open(name);
        foreach (var text in texts)
            Add("", text);
        Close();
    }

#pragma warning disable MEAI001 // Experimental members reach the wire like all others; they are only read.
    private void AddBackground(ChatOptions options)
    {
        Add("background", options.AllowBackgroundResponses);
        if (options.ContinuationToken is null)
            return;

        // Asking again with the same token is how a client polls: each time may say something else.
        Refuse("its options have a ContinuationToken: the answer is still being made.");
        AddBytes("continuation", options.ContinuationToken.ToBytes().Span);
    }
#pragma warning restore MEAI001
}
