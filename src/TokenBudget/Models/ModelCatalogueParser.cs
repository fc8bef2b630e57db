using System.Globalization;
using System.Text;
using System.Text.Json;

namespace TokenBudget.Models;

/// <summary>One pass over the text of a catalogue. See <see cref="ModelCatalogueReader"/> for its form.</summary>
internal ref struct ModelCatalogueParser
{
    /// <summary>A dollar per token. Nothing costs that; a number beyond it is in another unit.</summary>
    private const long HighestPrice = Usd.PicoDollarsPerDollar;

    private static readonly string[] DateFormats = ["yyyy-MM-dd", "yyyy-MM-dd'T'HH:mm:ssK", "yyyy-MM-dd'T'HH:mm:ss.FFFFFFFK"];
    private readonly ReadOnlySpan<byte> _utf8;
    private Utf8JsonReader _json;
    private string? _model;

    public ModelCatalogueParser(ReadOnlySpan<byte> utf8)
    {
        _utf8 = utf8;
        _json = new Utf8JsonReader(utf8);
    }

    public List<ModelInfo> ReadCatalogue()
    {
        List<ModelInfo>? models = null;
        _json.Read();
        Expect(JsonTokenType.StartObject, "the catalogue");
        while (NextField() is { } field)
        {
            switch (field)
            {
                case "note": ReadText(field); break;
                case "models" when models is null: models = ReadModels(); break;
                case "models": throw Bad("field 'models' is there twice");
                default: throw Bad($"unknown field '{field}'; the catalogue has 'note' and 'models'");
            }
        }

        // Reads past the end: text after the catalogue is an error too.
        _json.Read();
        return models ?? throw Bad("there is no field 'models'");
    }

    private List<ModelInfo> ReadModels()
    {
        var models = new List<ModelInfo>();
        var ids = new HashSet<string>(StringComparer.OrdinalIgnoreCase);
        Expect(JsonTokenType.StartArray, "'models'");
        while (_json.Read() && _json.TokenType != JsonTokenType.EndArray)
        {
            var model = ReadModel();
            if (!ids.Add(model.Id))
                throw Bad("the model is listed twice");
            models.Add(model);
            _model = null;
        }

        return models;
    }

    private ModelInfo ReadModel()
    {
        string? id = null, provider = null;
        int? maxInput = null, maxOutput = null, minCacheable = null;
        IReadOnlyList<ModelPrices>? prices = null;
        Expect(JsonTokenType.StartObject, "a model");
        while (NextField() is { } field)
        {
            switch (field)
            {
                case "id": _model = Once(ref id, field, ReadText(field)); break;
                case "provider": Once(ref provider, field, ReadText(field)); break;
                case "maxInput": Once(ref maxInput, field, (int)ReadNumber(field, 1, int.MaxValue)); break;
                case "maxOutput": Once(ref maxOutput, field, (int)ReadNumber(field, 1, int.MaxValue)); break;
                case "minCacheable": Once(ref minCacheable, field, (int)ReadNumber(field, 0, int.MaxValue)); break;
                case "prices": Once(ref prices, field, ReadPrices()); break;
                default: throw Bad($"unknown field '{field}'; a model has id, provider, maxInput, maxOutput, minCacheable and prices");
            }
        }

        return new ModelInfo
        {
            Id = id ?? throw Bad("the model has no 'id'"),
            Provider = provider ?? throw Bad("the model has no 'provider'"),
            MaxInputTokens = maxInput,
            MaxOutputTokens = maxOutput,
            MinCacheableTokens = minCacheable ?? 0,
            Prices = prices ?? [],
        };
    }

    private List<ModelPrices> ReadPrices()
    {
        var prices = new List<ModelPrices>();
        Expect(JsonTokenType.StartArray, "'prices'");
        while (_json.Read() && _json.TokenType != JsonTokenType.EndArray)
        {
            DateTimeOffset? from = null;
            List<PriceTier>? tiers = null;
            var rates = default(RateFields);
            Expect(JsonTokenType.StartObject, "an entry of 'prices'");
            while (NextField() is { } field)
            {
                if (field == "from")
                    Once(ref from, field, ReadDate());
                else if (field == "tiers")
                    Once(ref tiers, field, ReadTiers());
                else if (!TryReadRate(ref rates, field))
                    throw Bad($"unknown field '{field}'; an entry of 'prices' has from, {RateFields.Names} and tiers");
            }

            if (prices.Exists(entry => entry.From == from))
                throw Bad(from is { } date ? $"there are two prices from {date:yyyy-MM-dd'T'HH:mm:ssK}" : "there are two prices without 'from'");
            prices.Add(new ModelPrices { From = from, Rates = Complete(rates), Tiers = tiers ?? [] });
        }

        prices.Sort(static (left, right) => Nullable.Compare(left.From, right.From));
        return prices;
    }

    private List<PriceTier> ReadTiers()
    {
        var tiers = new List<PriceTier>();
        Expect(JsonTokenType.StartArray, "'tiers'");
        while (_json.Read() && _json.TokenType != JsonTokenType.EndArray)
        {
            long? above = null;
            var rates = default(RateFields);
            Expect(JsonTokenType.StartObject, "a tier");
            while (NextField() is { } field)
            {
                if (field == "above")
                    Once(ref above, field, ReadNumber(field, 1, long.MaxValue));
                else if (!TryReadRate(ref rates, field))
                    throw Bad($"unknown field '{field}'; a tier has above, {RateFields.Names}");
            }

            var threshold = above ?? throw Bad("a tier has no 'above'");
            if (tiers.Exists(tier => tier.AboveInputTokens == threshold))
                throw Bad($"there are two tiers above {threshold} tokens");
            tiers.Add(new PriceTier(threshold, Complete(rates)));
        }

        tiers.Sort(static (left, right) => left.AboveInputTokens.CompareTo(right.AboveInputTokens));
        return tiers;
    }

    private bool TryReadRate(ref RateFields rates, string field)
    {
        switch (field)
        {
            case "input": Once(ref rates.Input, field, ReadPrice(field)); return true;
            case "output": Once(ref rates.Output, field, ReadPrice(field)); return true;
            case "cacheRead": Once(ref rates.CacheRead, field, ReadPrice(field)); return true;
            case "cacheWrite": Once(ref rates.CacheWrite, field, ReadPrice(field)); return true;
            case "cacheWrite1h": Once(ref rates.CacheWrite1Hour, field, ReadPrice(field)); return true;
            case "reasoning": Once(ref rates.Reasoning, field, ReadPrice(field)); return true;
            case "audioInput": Once(ref rates.AudioInput, field, ReadPrice(field)); return true;
            case "audioCacheRead": Once(ref rates.AudioCacheRead, field, ReadPrice(field)); return true;
            case "audioOutput": Once(ref rates.AudioOutput, field, ReadPrice(field)); return true;
            default: return false;
        }
    }

    private readonly TokenRates Complete(RateFields rates)
    {
        var input = rates.Input ?? throw Bad("a price has no 'input'");
        var output = rates.Output ?? throw Bad("a price has no 'output'");
        var write = rates.CacheWrite ?? input;
        return new TokenRates
        {
            Input = input,
            Output = output,
            CacheRead = rates.CacheRead ?? input,
            CacheWrite5Minutes = write,
            CacheWrite1Hour = rates.CacheWrite1Hour ?? write,
            Reasoning = rates.Reasoning ?? output,
            AudioInput = rates.AudioInput,
            AudioCacheRead = rates.AudioCacheRead,
            AudioOutput = rates.AudioOutput,
        };
    }

    private long ReadPrice(string field) => ReadNumber(field, 0, HighestPrice);

    private long ReadNumber(string field, long least, long most)
    {
        if (_json.TokenType != JsonTokenType.Number)
            throw Bad($"'{field}' must be a number");
        if (!_json.TryGetInt64(out var value))
            throw Bad($"'{field}' is {RawValue()}, which is not a whole number; prices are whole pico-dollars per token");
        if (value < least || value > most)
            throw Bad($"'{field}' is {value}, but must be from {least} to {most}");
        return value;
    }

    private DateTimeOffset ReadDate()
    {
        var text = ReadText("from");
        foreach (var format in DateFormats)
        {
            if (!DateTimeOffset.TryParseExact(text, format, CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal | DateTimeStyles.AdjustToUniversal, out var date))
                continue;
            return date;
        }

        throw Bad($"'from' is \"{text}\", which is not a date like 2026-09-01");
    }

    private string ReadText(string field)
    {
        if (_json.TokenType != JsonTokenType.String)
            throw Bad($"'{field}' must be a string");
        var text = DecodeText();
        return text.Length > 0 ? text : throw Bad($"'{field}' is empty");
    }

    private readonly string DecodeText()
    {
        try
        {
            return _json.GetString()!;
        }
        catch (InvalidOperationException)
        {
            throw Bad("a string is not well-formed UTF-8 or UTF-16");
        }
    }

    /// <summary>The name of the next field, its value being the current token; <see langword="null"/> at the end of the object.</summary>
    private string? NextField()
    {
        _json.Read();
        if (_json.TokenType == JsonTokenType.EndObject)
            return null;
        var field = DecodeText();
        _json.Read();
        return field;
    }

    private readonly T Once<T>(ref T? target, string field, T value)
        where T : class
    {
        if (target is not null)
            throw Bad($"field '{field}' is there twice");
        return target = value;
    }

    private readonly void Once<T>(ref T? target, string field, T value)
        where T : struct
    {
        if (target is not null)
            throw Bad($"field '{field}' is there twice");
        target = value;
    }

    private readonly void Expect(JsonTokenType type, string what)
    {
        if (_json.TokenType != type)
            throw Bad($"{what} must be {(type == JsonTokenType.StartArray ? "an array" : "an object")}");
    }

    private readonly string RawValue() => Encoding.UTF8.GetString(_json.ValueSpan);

    private readonly FormatException Bad(string reason)
    {
        var line = _utf8[..(int)_json.TokenStartIndex].Count((byte)'\n') + 1;
        return new FormatException($"Model catalogue, line {line}{(_model is null ? "" : $", model '{_model}'")}: {reason}.");
    }

    private struct RateFields
    {
        public const string Names = "input, output, cacheRead, cacheWrite, cacheWrite1h, reasoning, audioInput, audioCacheRead, audioOutput";
        public long? Input;
        public long? Output;
        public long? CacheRead;
        public long? CacheWrite;
        public long? CacheWrite1Hour;
        public long? Reasoning;
        public long? AudioInput;
        public long? AudioCacheRead;
        public long? AudioOutput;
    }
}
