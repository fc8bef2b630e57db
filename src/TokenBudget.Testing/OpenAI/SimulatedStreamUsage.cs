namespace TokenBudget.Testing;

/// <summary>How usage comes in an OpenAI stream. OpenAI has one way; servers that are compatible with it have two more.</summary>
public enum SimulatedStreamUsage
{
    /// <summary>In one chunk at the end, and only when <c>stream_options.include_usage</c> asks for it (documented by OpenAI).</summary>
    FinalChunk,

    /// <summary>In every chunk, asked for or not: the prompt and all that was produced so far. The last one counts.</summary>
    Cumulative,

    /// <summary>In every chunk, asked for or not: the prompt again, and what this chunk produced. The output adds up, the prompt must not be.</summary>
    PromptRepeated,
}
