namespace TokenBudget.Tokenization;

/// <summary>Which encoding OpenAI's models use. Models of other makers have no public tokenizer and are not here.</summary>
internal static class ModelEncodings
{
    private static readonly string[] Decorations = ["openai/", "ft:"];

    // Longest first where one is the beginning of another. A family also covers what follows it after '-' or ':'
    // (a size, a date, an organisation); where versions of it are told apart by a dot, it is listed with the dot too.
    private static readonly KeyValuePair<string, string>[] Families =
    [
        new("chatgpt-4o", Tokenizer.O200kBase),
        new("gpt-oss", Tokenizer.O200kBase),
        new("gpt-5.", Tokenizer.O200kBase),
        new("gpt-5", Tokenizer.O200kBase),
        new("gpt-4.5", Tokenizer.O200kBase),
        new("gpt-4.1", Tokenizer.O200kBase),
        new("gpt-4o", Tokenizer.O200kBase),
        new("o1", Tokenizer.O200kBase),
        new("o3", Tokenizer.O200kBase),
        new("o4", Tokenizer.O200kBase),
        new("gpt-4", Tokenizer.Cl100kBase),
        new("gpt-3.5", Tokenizer.Cl100kBase),
        new("gpt-35", Tokenizer.Cl100kBase),
        new("text-embedding-3", Tokenizer.Cl100kBase),
        new("text-embedding-ada-002", Tokenizer.Cl100kBase),
        new("davinci-002", Tokenizer.Cl100kBase),
        new("babbage-002", Tokenizer.Cl100kBase),
    ];

    /// <summary>The encoding of a model, or null where it is not known.</summary>
    /// <param name="modelId">An id such as <c>gpt-4o-2024-08-06</c>; case does not matter.</param>
    public static string? Find(string modelId)
    {
        var id = modelId;
        foreach (var decoration in Decorations)
            if (id.StartsWith(decoration, StringComparison.OrdinalIgnoreCase))
                id = id.Substring(decoration.Length);

        foreach (var family in Families)
            if (id.StartsWith(family.Key, StringComparison.OrdinalIgnoreCase) && EndsThere(id, family.Key))
                return family.Value;
        return null;
    }

    private static bool EndsThere(string id, string family) =>
        id.Length == family.Length || id[family.Length] is '-' or ':' || (family[family.Length - 1] == '.' && id[family.Length] is >= '0' and <= '9');
}
