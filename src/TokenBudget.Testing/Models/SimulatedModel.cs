namespace TokenBudget.Testing;

/// <summary>A model the simulator knows: its prices in pico-dollars (10⁻¹² $) per token, its limits of size, its rate-limit class.</summary>
/// <remarks>Immutable. One dollar per million tokens is 1,000,000 pico-dollars per token.</remarks>
public sealed record SimulatedModel
{
    /// <summary>The id a request names, e.g. <c>claude-sonnet-4-5</c>.</summary>
    public required string Id { get; init; }

    /// <summary>Price of a fresh input token, in pico-dollars.</summary>
    public required long Input { get; init; }

    /// <summary>Price of an output token, in pico-dollars.</summary>
    public required long Output { get; init; }

    /// <summary>Price of an input token read from the prompt cache, in pico-dollars.</summary>
    public required long CacheRead { get; init; }

    /// <summary>Price of an input token written to the prompt cache for 5 minutes, in pico-dollars.</summary>
    public required long CacheWrite5Minutes { get; init; }

    /// <summary>Price of an input token written to the prompt cache for 1 hour, in pico-dollars.</summary>
    public required long CacheWrite1Hour { get; init; }

    /// <summary>A prefix of fewer tokens is not cached, without an error. 1,024 unless set.</summary>
    public int MinCacheableTokens { get; init; } = 1_024;

    /// <summary>A prompt of more tokens is refused with 400; in OpenAI's dialect, prompt and <c>max_tokens</c> together. 200,000 unless set.</summary>
    public int MaxInputTokens { get; init; } = 200_000;

    /// <summary>A larger <c>max_tokens</c> is refused with 400. 64,000 unless set.</summary>
    public int MaxOutputTokens { get; init; } = 64_000;

    /// <summary>
    /// Whether messages of role <c>system</c> may stand in a conversation, right after a user message (documented for newer models). Other
    /// models answer 400. <see langword="false"/> unless set.
    /// </summary>
    public bool AcceptsSystemMessages { get; init; }

    /// <summary>Models of one class share their rate limits. <c>default</c> unless set.</summary>
    public string LimitClass { get; init; } = "default";

    /// <summary>A model from list prices, with the cache priced as documented: read 0.1, write 1.25 (5 minutes) and 2 (1 hour) times the input.</summary>
    /// <param name="id">The model's id.</param>
    /// <param name="input">Dollars per million input tokens.</param>
    /// <param name="output">Dollars per million output tokens.</param>
    /// <param name="cachedInput">Dollars per million input tokens read from the cache; a tenth of <paramref name="input"/> unless given.</param>
    /// <exception cref="ArgumentException">A price is not a whole number of pico-dollars per token.</exception>
    public static SimulatedModel FromUsdPerMillionTokens(string id, decimal input, decimal output, decimal? cachedInput = null) => new()
    {
        Id = id,
        Input = ToPico(input),
        Output = ToPico(output),
        CacheRead = ToPico(cachedInput ?? input * 0.1m),
        CacheWrite5Minutes = ToPico(input * 1.25m),
        CacheWrite1Hour = ToPico(input * 2m),
    };

    private static long ToPico(decimal usdPerMillion)
    {
        var pico = usdPerMillion * 1_000_000m;
        return decimal.IsInteger(pico) && pico >= 0
            ? (long)pico
            : throw new ArgumentException($"{usdPerMillion} $ per million tokens is not a whole number of pico-dollars per token.", nameof(usdPerMillion));
    }
}
