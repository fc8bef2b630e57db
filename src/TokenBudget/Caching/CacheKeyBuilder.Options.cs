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
        WriteName(Field.Options);
        if (options is null)
        {
            WriteKind(Kind.Null);
            return NotCacheableReason is null;
        }

        WriteKind(Kind.Open);
        if (options.GetType() != typeof(ChatOptions))
            Refuse($"its options are of the unknown type {options.GetType()}.");
        if (options.RawRepresentationFactory is not null)
            Refuse("its options have a RawRepresentationFactory, which can change anything that is sent.");
        if (options.ConversationId is not null)
            Refuse("its options have a ConversationId: the provider holds messages that are not in the request, and they grow.");

        Add(Field.Conversation, options.ConversationId);
        Add(Field.Model, options.ModelId);
        Add(Field.Instructions, options.Instructions);
        Add(Field.Temperature, options.Temperature);
        Add(Field.MaxOutputTokens, options.MaxOutputTokens);
        Add(Field.TopP, options.TopP);
        Add(Field.TopK, options.TopK);
        Add(Field.FrequencyPenalty, options.FrequencyPenalty);
        Add(Field.PresencePenalty, options.PresencePenalty);
        Add(Field.Seed, options.Seed);
        AddReasoning(options.Reasoning);
        AddResponseFormat(options.ResponseFormat);
        AddTexts(Field.Stop, options.StopSequences);
        Add(Field.MultipleCalls, options.AllowMultipleToolCalls);
        AddToolMode(options.ToolMode);
        AddTools(options.Tools);
        AddBackground(options);
        AddProperties(Field.Properties, options.AdditionalProperties);
        Close();
        return NotCacheableReason is null;
    }

    private void AddReasoning(ReasoningOptions? reasoning)
    {
        Add(Field.Reasoning, reasoning is not null);
        Add(Field.ReasoningEffort, (long?)reasoning?.Effort);
        Add(Field.ReasoningOutput, (long?)reasoning?.Output);
    }

    private void AddResponseFormat(ChatResponseFormat? format)
    {
        Add(Field.Format, format?.GetType().ToString());
        switch (format)
        {
            case null or ChatResponseFormatText:
                break;
            case ChatResponseFormatJson json:
                Add(Field.SchemaName, json.SchemaName);
                Add(Field.SchemaDescription, json.SchemaDescription);
                if (json.Schema is { } schema)
                    AddJson(Field.Schema, schema, sortKeys: false);
                break;
            default:
                Refuse($"its response format is of the unknown type {format.GetType()}.");
                break;
        }
    }

    private void AddToolMode(ChatToolMode? mode)
    {
        Add(Field.ToolMode, mode?.GetType().ToString());
        if (mode is RequiredChatToolMode required)
            Add(Field.RequiredTool, required.RequiredFunctionName);
        else if (mode is not (null or AutoChatToolMode or NoneChatToolMode))
            Refuse($"its tool mode is of the unknown type {mode.GetType()}.");
    }

    private void AddTexts(Field field, IEnumerable<string>? texts)
    {
        if (texts is null)
            return;
        Open(field);
        foreach (var text in texts)
        {
            WriteName(Field.Item);
            Write(text);
        }

        Close();
    }

#pragma warning disable MEAI001 // Experimental members reach the wire like all others; they are only read.
    private void AddBackground(ChatOptions options)
    {
        Add(Field.Background, options.AllowBackgroundResponses);
        if (options.ContinuationToken is null)
            return;

        // Asking again with the same token is how a client polls: each time may say something else.
        Refuse("its options have a ContinuationToken: the answer is still being made.");
        WriteName(Field.Continuation);
        Write(options.ContinuationToken.ToBytes().Span);
    }
#pragma warning restore MEAI001
}
