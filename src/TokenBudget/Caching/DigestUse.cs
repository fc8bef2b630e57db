namespace TokenBudget.Caching;

/// <summary>What a remembered digest stands for. The same bytes may have one of each.</summary>
internal enum DigestUse
{
    /// <summary>The bytes themselves.</summary>
    Page = 1,

    /// <summary>The JSON the bytes spell, its keys sorted.</summary>
    Json,

    /// <summary>The JSON the bytes spell, its keys in their order.</summary>
    OrderedJson,
}
