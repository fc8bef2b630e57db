using TokenBudget.Generators.Tests.Harness;

namespace TokenBudget.Generators.Tests.Generation;

public sealed class SettingsTests
{
    [Fact]
    public void Method_over_interface_over_base_over_assembly() => Snapshot.ShouldMatch(GeneratorRun.Of("""
        [assembly: TokenBudget(MaxContextTokens = 1, MaxMessages = 1, MaxOutputTokens = 1, MaxRounds = 1)]
        [assembly: RateLimited(LimitName = "all", TokensPerMinute = 5_000_000_000)]
        [assembly: CostTracked(LimitUsd = 0.1, Period = BudgetPeriod.Month)]

        namespace Contoso;

        [TokenBudget(MaxMessages = 2, MaxOutputTokens = 2, MaxRounds = 2)]
        public interface IBase { }

        public interface IInherited
        {
            [TokenBudget(MaxRounds = 4)] Task<string> InheritedAsync(string q);
        }

        [ChatAgent]
        [TokenBudget(MaxOutputTokens = 3, MaxRounds = 3), Cached(TtlMinutes = 9)]
        public interface IAgent : IInherited
        {
            [TokenBudget(MaxRounds = 0, Window = WindowPolicy.Economic), Cached(Scope = CacheScope.Tenant)]
            [CostTracked(BudgetName = "own \"one\"", LimitUsd = 1e-7)]
            Task<string> OwnAsync(string q);
        }
        """).Files["Contoso.IAgent.g.cs"]);

    [Fact]
    public void Several_limits_in_dollars_stand_side_by_side()
    {
        var file = GeneratorRun.Of("""
            [ChatAgent]
            [CostTracked(LimitUsd = 10, BudgetName = "support", Per = BudgetScope.Shared)]
            [CostTracked(LimitUsd = 100, Period = BudgetPeriod.Month, AtLimit = AtLimit.Pause)]
            [CostTracked(LimitUsd = 1.5, Per = BudgetScope.Tenant)]
            [CostTracked(Per = BudgetScope.Model)]
            [RoutedTo(WhenSimple = "small", SimpleTokens = 500, WhenBudgetIsLow = "cheap", LowBudgetPercent = 90, WhenOverloaded = "other")]
            public interface IAgent
            {
                [CostTracked(LimitUsd = 0.5, Per = BudgetScope.Tenant), CostTracked(LimitUsd = 20)] Task<string> AskAsync(string q);
            }
            """).File;
        file.ShouldContain("LimitUsd = 20m,");
        file.ShouldContain("BudgetName = \"support\",");
        file.ShouldContain("AtLimit = global::TokenBudget.AtLimit.Pause,");
        file.ShouldContain(
            "CostLimits = [new global::TokenBudget.Configuration.CostLimit(global::TokenBudget.BudgetScope.Tenant, global::TokenBudget.BudgetPeriod.Day, 0.5m), "
            + "new global::TokenBudget.Configuration.CostLimit(global::TokenBudget.BudgetScope.Shared, global::TokenBudget.BudgetPeriod.Month, 100m)],");
        file.ShouldContain("WhenSimple = \"small\",");
        file.ShouldContain("LowBudgetPercent = 90,");
        file.ShouldContain("$20 a day; $0.5 a day for each tenant; $100 a month");
    }

    private const string Agents = """
        [assembly: TokenBudget(MaxRounds = 2)]
        [ChatAgent, TokenBudget(MaxContextTokens = 3)] public interface IAgent { [TokenBudget(MaxMessages = 4)] Task<string> AskAsync(string q); }
        public interface IWrapped { [Cached] Task<string> AskAsync(string q); void Other(); }
        """;

    [Fact]
    public void A_cached_method_says_all_that_its_attribute_does()
    {
        var file = GeneratorRun.Of("""
            [ChatAgent]
            public interface IAgent
            {
                [Cached(StaleMinutes = 5, ToolCalls = true, AnyTemperature = true, Similarity = 0.95)] Task<string> AskAsync(string q);
            }
            """).File;
        foreach (var line in (string[])["CacheStale = global::System.TimeSpan.FromMinutes(5),", "CacheToolCalls = true,", "CacheAnyTemperature = true,", "CacheSimilarity = 0.95,"])
            file.ShouldContain(line);
    }

    [Fact]
    public void The_project_speaks_where_no_attribute_does()
    {
        var properties = new Dictionary<string, string>
        {
            ["TokenBudgetModel"] = "gpt-4o",
            ["TokenBudgetMaxContextTokens"] = "9",
            ["TokenBudgetTrimToTokens"] = " 8 ",
            ["TokenBudgetMaxMessages"] = "9",
            ["TokenBudgetMaxAgeMinutes"] = "7",
            ["TokenBudgetKeepToolResults"] = "6",
            ["TokenBudgetKeepResultsOf"] = "search",
            ["TokenBudgetMaxOutputTokens"] = "0",
            ["TokenBudgetMaxRounds"] = "9",
            ["TokenBudgetWindow"] = "Sliding",
        };
        var compilation = TestCompilation.Create(Agents);
        var run = GeneratorRun.StartIn(properties, compilation);
        run.ShouldCompile();
        var file = run.Files["IAgent.g.cs"];
        foreach (var line in (string[])["MaxMessages = 4,", "MaxContextTokens = 3,", "MaxRounds = 2,", "TrimToTokens = 8,", "MaxAge = global::System.TimeSpan.FromMinutes(7),", "KeepToolResults = 6,", "KeepResultsOf = \"search\",", "Model = \"gpt-4o\",", "Window = global::TokenBudget.WindowPolicy.Sliding,"])
            file.ShouldContain(line);
        file.ShouldNotContain("= 9");
        file.ShouldNotContain("MaxOutputTokens");
        run.Files["IWrapped.g.cs"].ShouldContain("MaxContextTokens = 9,");
        run.Files["IWrapped.g.cs"].ShouldContain("Other() => _inner.Other();");

        PipelineObjects.ShouldBeCached(run.AgainIn(new Dictionary<string, string>(properties) { ["TokenBudgetMaxRounds"] = "009" }, compilation).Result);
    }

    [Fact]
    public void Values_that_mean_nothing_are_left_to_the_build_to_refuse()
    {
        var properties = new Dictionary<string, string> { ["TokenBudgetTrimToTokens"] = "-8", ["TokenBudgetMaxOutputTokens"] = "1_000", ["TokenBudgetWindow"] = "sliding", ["TokenBudgetModel"] = "" };
        var file = GeneratorRun.StartIn(properties, TestCompilation.Create(Agents)).Files["IAgent.g.cs"];
        foreach (var setting in (string[])["TrimToTokens", "MaxOutputTokens", "Window =", "Model ="])
            file.ShouldNotContain(setting);
    }

    [Fact]
    public void The_package_shows_the_compiler_every_property_and_no_other()
    {
        var targets = System.Xml.Linq.XDocument.Load(Repository.PathOf("src/TokenBudget/buildTransitive/TokenBudget.targets"));
        var shown = targets.Descendants("_TokenBudgetProperty").Select(item => item.Attribute("Include")!.Value).ToList();
        shown.ShouldBe(Parsing.ProjectSettings.Properties.Select(property => property.Property), ignoreOrder: true);
        var page = File.ReadAllText(Repository.PathOf("docs/settings.md"));
        shown.ShouldAllBe(property => page.Contains($"`{property}`", StringComparison.Ordinal));
    }

    [Fact]
    public void A_rate_limit_says_how_it_counts_for_whom_and_how_urgently()
    {
        var file = GeneratorRun.Of("""
            [ChatAgent]
            [RateLimited(MaxConcurrentRequests = 8, TenantTokensPerMinute = 50_000, TenantRequestsPerMinute = 60, Mode = RateLimitMode.ProviderBucket)]
            public interface IAgent
            {
                [RateLimited(Priority = RatePriority.Low, Estimate = RateEstimate.UpperBound)] Task<string> AskAsync(string q);
            }
            """).File;
        file.ShouldContain("MaxConcurrentRequests = 8,");
        file.ShouldContain("TenantTokensPerMinute = 50000L,");
        file.ShouldContain("TenantRequestsPerMinute = 60L,");
        file.ShouldContain("RateMode = global::TokenBudget.RateLimitMode.ProviderBucket,");
        file.ShouldContain("RateEstimate = global::TokenBudget.RateEstimate.UpperBound,");
        file.ShouldContain("RatePriority = global::TokenBudget.RatePriority.Low,");
    }

    [Theory]
    [InlineData("TokenBudget(MaxRounds = -1)")]
    [InlineData("CostTracked(LimitUsd = double.NaN)")]
    [InlineData("CostTracked(LimitUsd = double.PositiveInfinity)")]
    [InlineData("CostTracked(LimitUsd = 1e300)")]
    [InlineData("CostTracked(LimitUsd = 1_000_000_000)")]
    public void An_impossible_value_is_left_out(string attribute) => GeneratorRun.Of($$"""
        [ChatAgent, {{attribute}}] public interface IAgent { Task<string> AskAsync(string q); }
        """).File.ShouldNotContain("Settings");

    [Fact]
    public void An_enum_value_without_a_name_is_kept() => GeneratorRun.Of("""
        [ChatAgent, TokenBudget(Window = (WindowPolicy)9)] public interface IAgent { Task<string> AskAsync(string q); }
        """).File.ShouldContain("Window = (global::TokenBudget.WindowPolicy)(9)");
}
