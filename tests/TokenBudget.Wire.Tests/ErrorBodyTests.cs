using TokenBudget.Retries;
using TokenBudget.Testing;
using TokenBudget.Wire.Tests.Clients;
using static TokenBudget.Retries.ProviderErrorKind;

namespace TokenBudget.Wire.Tests;

/// <summary>Every error the two providers are known to send, over the wire and through every client: what it is, and whether anybody asks again.</summary>
public sealed class ErrorBodyTests
{
    private const int Bound = 60_000;

    private static readonly Dictionary<string, ProviderErrorKind> Anthropic = new(StringComparer.Ordinal)
    {
        [nameof(AnthropicErrors.InvalidRequest)] = Invalid,
        [nameof(AnthropicErrors.UsageLimitReached)] = SpendLimit,
        [nameof(AnthropicErrors.Authentication)] = Authentication,
        [nameof(AnthropicErrors.Billing)] = SpendLimit,
        [nameof(AnthropicErrors.Permission)] = Authentication,
        [nameof(AnthropicErrors.NotFound)] = Invalid,
        [nameof(AnthropicErrors.Conflict)] = Transient,
        [nameof(AnthropicErrors.RequestTooLarge)] = TooLarge,
        [nameof(AnthropicErrors.RequestTooLargeHtml)] = TooLarge,
        [nameof(AnthropicErrors.RateLimit)] = RateLimited,
        [nameof(AnthropicErrors.Acceleration)] = SlowDown,
        [nameof(AnthropicErrors.SpendLimit)] = SpendLimit,
        [nameof(AnthropicErrors.Internal)] = Transient,
        [nameof(AnthropicErrors.BadGatewayHtml)] = Transient,
        [nameof(AnthropicErrors.UnknownType)] = Overloaded,
        [nameof(AnthropicErrors.Timeout)] = Transient,
        [nameof(AnthropicErrors.Overloaded)] = Overloaded,
    };

    private static readonly Dictionary<string, ProviderErrorKind> OpenAI = new(StringComparer.Ordinal)
    {
        [nameof(OpenAIErrors.InvalidRequest)] = Invalid,
        [nameof(OpenAIErrors.ContextLengthExceeded)] = ContextOverflow,
        [nameof(OpenAIErrors.InvalidApiKey)] = Authentication,
        [nameof(OpenAIErrors.Forbidden)] = Authentication,
        [nameof(OpenAIErrors.ModelNotFound)] = Invalid,
        [nameof(OpenAIErrors.TokenRateLimit)] = RateLimited,
        [nameof(OpenAIErrors.RequestRateLimit)] = RateLimited,
        [nameof(OpenAIErrors.RequestTooLarge)] = TooLarge,
        [nameof(OpenAIErrors.SlowDown)] = SlowDown,
        [nameof(OpenAIErrors.InsufficientQuota)] = SpendLimit,
        [nameof(OpenAIErrors.CreditBalanceExhausted)] = SpendLimit,
        [nameof(OpenAIErrors.OrganizationSpendLimit)] = SpendLimit,
        [nameof(OpenAIErrors.ProjectSpendLimit)] = SpendLimit,
        [nameof(OpenAIErrors.OrganizationUsageLimit)] = SpendLimit,
        [nameof(OpenAIErrors.Internal)] = Transient,
        [nameof(OpenAIErrors.BadGatewayHtml)] = Transient,
        [nameof(OpenAIErrors.Overloaded)] = Overloaded,
    };

    public static TheoryData<string, WireClient, bool> Rows
    {
        get
        {
            var data = new TheoryData<string, WireClient, bool>();
            foreach (var isStream in (bool[])[false, true])
            {
                foreach (var name in AnthropicErrors.All.Keys)
                {
                    data.Add(name, WireClient.AnthropicSdk, isStream);
                    data.Add(name, WireClient.AnthropicHttp, isStream);
                }

                foreach (var name in OpenAIErrors.All.Keys)
                {
                    data.Add(name, WireClient.OpenAISdk, isStream);
                    data.Add(name, WireClient.OpenAIHttp, isStream);
                }
            }

            return data;
        }
    }

    [Theory(Timeout = Bound)]
    [MemberData(nameof(Rows))]
    public async Task An_error_is_what_it_is_and_only_what_may_pass_is_tried_again(string name, WireClient client, bool isStream)
    {
        var isOpenAI = client is WireClient.OpenAISdk or WireClient.OpenAIHttp;
        var error = isOpenAI ? OpenAIErrors.All[name] : AnthropicErrors.All[name];
        var kind = (isOpenAI ? OpenAI : Anthropic)[name];
        var told = new List<TokenBudgetAlertKind>();

        // Once, and the call succeeds if that is worth it; a hundred times, and it fails with the last one.
        foreach (var times in (int[])[1, 100])
        {
            await using var wire = await Wire.StartAsync(
                client,
                options => options with { Faults = FaultPlan.InOrder([.. Enumerable.Repeat(SimulatedFault.Fail(error), times)]) },
                options => options.Retries.MaxAttempts = 3);
            wire.Runtime.AlertRaised += (_, alert) => told.Add(alert.Kind);

            var asking = wire.AskAsync("Tell me a story.", isStream);
            if (times == 1 && error.MayBeRetried)
            {
                (await asking).Text.ShouldBe(Wire.Story);
                wire.Provider.Log.Select(static exchange => exchange.Status).ShouldBe([error.Status, 200]);
            }
            else
            {
                var exception = await Should.ThrowAsync<Exception>(() => asking);
                var failure = ProviderFailure.Of(exception).ShouldNotBeNull(exception.ToString());
                (failure.Error.Kind, (int)failure.Error.Status!, failure.Attempts).ShouldBe((kind, error.Status, error.MayBeRetried ? 3 : 1));
                if (error.Html is null)
                    failure.Error.Message.ShouldBe(error.Message);
                (exception is ProviderSpendLimitException).ShouldBe(kind == SpendLimit);
                wire.Provider.Log.Count.ShouldBe(failure.Attempts);
            }

            await wire.ShouldBeCleanAsync();
            // Refusals are lines that cost nothing, as on the provider's bill.
            (await wire.LinesAsync()).Select(static line => line.Cost.PicoDollars).ShouldBe(wire.Provider.Log.Select(static exchange => exchange.PicoDollars));
        }

        told.ShouldBe(kind == SpendLimit ? [TokenBudgetAlertKind.SpendLimitReached, TokenBudgetAlertKind.SpendLimitReached] : []);
    }

    [Fact]
    public void No_error_of_the_catalogues_is_left_out()
    {
        Anthropic.Keys.ShouldBe(AnthropicErrors.All.Keys, ignoreOrder: true);
        OpenAI.Keys.ShouldBe(OpenAIErrors.All.Keys, ignoreOrder: true);
    }
}
