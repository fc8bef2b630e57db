using Microsoft.Extensions.Configuration;
using TokenBudget.Configuration;

namespace TokenBudget.Tests.Configuration;

/// <summary>Configuration over attributes over environment, value by value.</summary>
public sealed class PrecedenceTests
{
    private static readonly BudgetSettings Declared = new() { MaxContextTokens = 30_000, MaxOutputTokens = 300, Model = "declared" };

    private static TokenBudgetOptions Read(params (string Name, string Value)[] values) => TokenBudgetOptionsReader.FromConfiguration(
        new ConfigurationBuilder().AddInMemoryCollection(values.Select(static value => KeyValuePair.Create(value.Name, (string?)value.Value))).Build());

    [Fact]
    public void Attributes_win_over_the_environment()
    {
        var settings = Read(("MAX_CONTEXT_TOKENS", "60000"), ("MAX_MESSAGES_IN_MEMORY", "12")).Resolve("Writer", "Ask", Declared);
        settings.MaxContextTokens.ShouldBe(30_000);
        settings.MaxMessages.ShouldBe(12);
        settings.Model.ShouldBe("declared");
    }

    [Fact]
    public void The_agents_section_wins_over_attributes_and_the_methods_over_the_agents()
    {
        var options = Read(
            ("TokenBudget:Agents:Writer:MaxContextTokens", "1000"),
            ("TokenBudget:Agents:Writer:MaxOutputTokens", "100"),
            ("TokenBudget:Agents:Writer:Ask:MaxContextTokens", "2000"),
            ("TokenBudget:Agents:Reader:Model", "other"));
        options.Resolve("writer", "ASK", Declared).ShouldSatisfyAllConditions(
            settings => settings.MaxContextTokens.ShouldBe(2_000),
            settings => settings.MaxOutputTokens.ShouldBe(100),
            settings => settings.Model.ShouldBe("declared"));
        options.Resolve("Writer", "Tell", Declared).MaxContextTokens.ShouldBe(1_000);
        options.Resolve("Nobody", "Ask", Declared).MaxContextTokens.ShouldBe(30_000);
    }

    [Fact]
    public void Every_setting_yields_to_the_one_above_it()
    {
        foreach (var property in typeof(BudgetSettings).GetProperties().Where(static property => property.Name != nameof(BudgetSettings.Unset)))
        {
            var (low, high) = (new BudgetSettings(), new BudgetSettings());
            property.SetValue(low, Value(property.PropertyType, 1));
            property.GetValue(high.Over(low)).ShouldBe(Value(property.PropertyType, 1), property.Name);
            property.SetValue(high, Value(property.PropertyType, 0));
            property.GetValue(high.Over(low)).ShouldBe(Value(property.PropertyType, 0), property.Name);
        }

        static object Value(Type type, int number)
        {
            type = Nullable.GetUnderlyingType(type) ?? type;
            return type == typeof(string) ? $"{number}"
                : type == typeof(bool) ? number == 1
                : type == typeof(TimeSpan) ? TimeSpan.FromMinutes(number)
                : type == typeof(CostLimits) ? CostLimits.Of([new CostLimit(BudgetScope.Tenant, BudgetPeriod.Day, number)])
                : type.IsEnum ? Enum.ToObject(type, number)
                : Convert.ChangeType(number, type, null);
        }
    }
}
