namespace TokenBudget;

/// <summary>Answers a repeated call from memory. The key is everything the call sends; only complete answers are kept.</summary>
[AttributeUsage(AttributeTargets.Method | AttributeTargets.Interface)]
public sealed class CachedAttribute : Attribute
{
    /// <summary>How long an answer serves, in minutes. Zero: the configured default (60).</summary>
    public int TtlMinutes { get; set; }

    /// <summary>Who may share an answer.</summary>
    public CacheScope Scope { get; set; }

    /// <summary>How many minutes after its time an answer may still serve while the provider fails. Zero: not at all.</summary>
    public int StaleMinutes { get; set; }

    /// <summary>Whether an answer that calls tools is kept. A hit does not run them again.</summary>
    public bool ToolCalls { get; set; }

    /// <summary>Whether a call with a temperature above 0 is cached: everybody then gets the one answer that was drawn first.</summary>
    public bool AnyTemperature { get; set; }

    /// <summary>
    /// From which similarity on (the cosine of two embeddings, 0.8 to 1; 0.95 is a start) the answer to another question serves. Zero: only the answer to the same question does. Everything
    /// but the last user text must be the same, and that must not differ in a number, a negation, a name or a word in another's place. Needs an
    /// <c>IEmbeddingGenerator&lt;string, Embedding&lt;float&gt;&gt;</c>. Never for answers on which something depends.
    /// </summary>
    public double Similarity { get; set; }
}
