using System.Text.Json;
using TokenBudget.AspNetCore.Alerts;
using TokenBudget.AspNetCore.Metrics;
using TokenBudget.Costs;
using TokenBudget.Models;
using TokenBudget.Retries;
using TokenBudget.Summarization;

namespace TokenBudget.AspNetCore.Tests.Alerts;

public sealed class AlertTextTests
{
    private static readonly DateTimeOffset At = new(2026, 3, 15, 12, 0, 0, TimeSpan.Zero);

    public static TheoryData<TokenBudgetAlertKind> Kinds => [.. Enum.GetValues<TokenBudgetAlertKind>()];

    [Theory]
    [MemberData(nameof(Kinds))]
    public void Every_alert_of_the_runtime_has_words_and_a_name_for_programs(TokenBudgetAlertKind kind)
    {
        var message = AlertText.Of(new TokenBudgetAlert(kind, At)
        {
            Agent = "Support",
            Budget = new BudgetAlert("support", At, Usd.FromDollars(8), 80, Usd.FromDollars(8.01m), Usd.FromDollars(10), At),
            Status = new BudgetStatus("support", BudgetPeriod.Day, At, Usd.FromDollars(10), Usd.FromDollars(9.99m), Usd.Zero),
            Summary = new SummaryFailure("canary-conversation", SummaryFailureReason.ModelFailed, "m", 3, new IOException("canary-prompt"), At),
            SpendLimit = new SpendLimitPause("provider.example", new ProviderError { Kind = ProviderErrorKind.SpendLimit, Message = "canary-key" }, At.AddHours(1)),
        });

        var json = JsonSerializer.Serialize(message, MetricsJson.Default.AlertMessage);
        json.ShouldNotContain("canary");
        char.IsLower(message.Kind[0]).ShouldBeTrue();
        message.Text.ShouldEndWith(".");
        // Not the way out for what is not known here.
        message.Text.ShouldNotBe($"{kind}.");
        message.At.ShouldBe(At);
    }

    [Fact]
    public void An_alert_of_another_process_says_where_it_came_up()
    {
        var message = AlertText.Of(new TokenBudgetAlert(TokenBudgetAlertKind.LedgerRestored, At) { Origin = "web-2:4711" });
        message.Origin.ShouldBe("web-2:4711");
        message.Text.ShouldStartWith("web-2:4711: The ledger");
        JsonSerializer.Serialize(AlertText.Of(new TokenBudgetAlert(TokenBudgetAlertKind.LedgerRestored, At)), MetricsJson.Default.AlertMessage).ShouldContain("\"origin\":null");
    }

    [Theory]
    [InlineData("0", "$0.00")]
    [InlineData("0.0042", "$0.0042")]
    [InlineData("0.000000000001", "$0.000000000001")]
    [InlineData("1234.567", "$1,234.57")]
    public void Money_is_written_as_people_read_it(string dollars, string text) =>
        AlertText.Dollars(Usd.FromDollars(decimal.Parse(dollars, System.Globalization.CultureInfo.InvariantCulture))).ShouldBe(text);
}
