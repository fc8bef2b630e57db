using System.Globalization;
using TokenBudget.Generators.Contracts.Locking;
using TokenBudget.Generators.Models;

namespace TokenBudget.Generators.Contracts;

/// <summary>What a method promises of its calls, as far as code and catalogue say: what the manifest holds and a lock file keeps.</summary>
/// <param name="Method">The method, as <see cref="MethodNames"/> has it.</param>
/// <param name="Json">The facts, on one line.</param>
internal readonly record struct MethodContract(string Method, string Json)
{
    private const decimal PicoDollars = 1_000_000_000_000;
    private const decimal PicoDollarsPerMillion = PicoDollars / 1_000_000;

    /// <summary>Settings whose effect is a fact of its own.</summary>
    private static readonly string[] Facts = ["Model", "MaxContextTokens", "MaxOutputTokens", "MaxRounds", "MaxAttempts"];

    /// <summary>The contract of a method.</summary>
    /// <param name="method">The method, as <see cref="MethodNames"/> has it.</param>
    /// <param name="call">The method, with its prompts and the project's settings in place.</param>
    /// <param name="facts">What is known of its calls.</param>
    /// <param name="models">The models the build knows.</param>
    public static MethodContract Of(string method, CallModel call, CallFacts facts, ModelTable models)
    {
        var model = models.Find(call.Setting("Model"));
        var json = new ContractJson();
        json.Add(ContractFacts.Ceiling, facts.WorstCaseUsd);
        json.Add(ContractFacts.FixedCost, model?.Price is { } price ? facts.Fixed.Total * price.Input / PicoDollars : null);
        json.Add("fixedTokens", tokens => AddParts(tokens, facts.Fixed));
        json.Add("windowTokens", facts.Window);
        json.Add("inputTokens", facts.InputTokens);
        json.Add("outputTokens", facts.OutputTokens);
        json.Add("rounds", facts.Rounds);
        json.Add("attempts", facts.Attempts);
        json.Add("model", call.Setting("Model"));
        json.Add("prices", prices => AddPrices(prices, call, models));
        json.Add("settings", settings => AddSettings(settings, call));
        if (call.Setting("Cached") is not null)
            json.Add("cacheKey", KeyOf(call));
        return new MethodContract(method, json.ToString());
    }

    private static void AddParts(ContractJson json, FixedTokens tokens)
    {
        Part("system", tokens.System);
        Part("prompt", tokens.Prompt);
        Part("tools", tokens.Tools);
        Part("reply", tokens.ReplySchema);

        void Part(string name, int count)
        {
            if (count > 0)
                json.Add(name, count);
        }
    }

    /// <summary>What the ceiling was computed with, in dollars per million tokens. A change of the catalogue must not look like one of the code.</summary>
    private static void AddPrices(ContractJson json, CallModel call, ModelTable models)
    {
        var ids = new SortedSet<string>(StringComparer.Ordinal);
        foreach (var setting in CallFacts.ModelSettings)
            if (call.Setting(setting) is { } id)
                ids.Add(id);
        foreach (var id in ids)
            if (models.Find(id)?.Price is { } price)
                json.Add(id, group =>
                {
                    group.Add("from", price.From);
                    group.Add("input", price.Input / PicoDollarsPerMillion);
                    group.Add("output", price.Output / PicoDollarsPerMillion);
                });
    }

    private static void AddSettings(ContractJson json, CallModel call)
    {
        foreach (var setting in call.Settings.OrderBy(static setting => setting.Name, StringComparer.Ordinal))
        {
            var name = char.ToLowerInvariant(setting.Name[0]) + setting.Name.Substring(1);
            if (Array.IndexOf(Facts, setting.Name) >= 0)
                continue;
            if (setting.Kind == SettingKind.Flag)
                json.AddFlag(name);
            else if (setting.Kind != SettingKind.Text && decimal.TryParse(setting.Value, NumberStyles.Float, CultureInfo.InvariantCulture, out var number))
                json.Add(name, number);
            else
                json.Add(name, setting.Value);
        }
    }

    /// <summary>Which parameters an answer depends on. What is always sent, and the model with its options, always is in the key.</summary>
    private static IEnumerable<string> KeyOf(CallModel call)
    {
        foreach (var parameter in call.Signature.Parameters)
            if (parameter.Role is not (ParameterRole.Ignored or ParameterRole.Cancellation))
                yield return $"{(parameter.Role == ParameterRole.Scope ? "scope " : "")}{MethodNames.Simple(parameter.Type)} {parameter.Name}";
    }
}
