namespace TokenBudget.Models;

/// <summary>Prices in pico-dollars per token: 3 $ per million tokens is 3,000,000.</summary>
public readonly record struct TokenRates
{
    /// <summary>Fresh input.</summary>
    public required long Input { get; init; }

    /// <summary>Output.</summary>
    public required long Output { get; init; }

    /// <summary>Input read from the provider's prompt cache; where the provider has none, the price of fresh input.</summary>
    public required long CacheRead { get; init; }

    /// <summary>Input written to the prompt cache for five minutes; where writing is not billed apart, the price of fresh input.</summary>
    public required long CacheWrite5Minutes { get; init; }

    /// <summary>Input written to the prompt cache for an hour.</summary>
    public required long CacheWrite1Hour { get; init; }

    /// <summary>Reasoning; where it is not billed apart, the price of output.</summary>
    public required long Reasoning { get; init; }

    /// <summary>Fresh input that is audio; <see langword="null"/>, the price of other fresh input.</summary>
    public long? AudioInput { get; init; }

    /// <summary>Audio read from the prompt cache; <see langword="null"/>, the price of what else is read from there.</summary>
    public long? AudioCacheRead { get; init; }

    /// <summary>Output that is audio; <see langword="null"/>, the price of other output.</summary>
    public long? AudioOutput { get; init; }
}
