using TokenBudget.Models;

namespace TokenBudget.Cli.Tests.Commands;

public sealed class ModelsCommandTests : IDisposable
{
    private readonly CommandLine _cli = new();

    [SharedDataFact]
    public async Task The_committed_catalogue_is_what_the_import_makes_of_the_price_sheet()
    {
        var written = _cli.PathOf("models.json");

        var (exitCode, _, error) = await _cli.RunAsync("models", "import", SharedData.File("model-prices.json"), "--output", written);

        exitCode.ShouldBe(0, error);
        (await File.ReadAllTextAsync(written)).ShouldBe(await File.ReadAllTextAsync(Repository.PathOf("src/TokenBudget/Models/models.json")));
    }

    [Fact]
    public async Task Import_takes_dates_from_one_source_and_what_is_missing_from_the_other()
    {
        var model = await ImportOneAsync(
            """
            {"id":"m","provider":"anthropic","context_window_genai_prices":500,"max_output_tokens":50,"min_cacheable_tokens":10,
             "prices_usd_per_token":{"litellm":{"input":3e-06,"output":1.5e-05,"cache_read":3e-07,"cache_write_5m":3.75e-06,"reasoning_output":2e-05},"genai_prices":{"input":3e-06,"output":1.5e-05}},
             "genai_prices_conditional":[{"constraint":null,"prices":{"input":2e-06,"output":1e-05}},
                                         {"constraint":{"start_date":"2026-09-01"},"prices":{"input":3e-06,"output":1.5e-05}}]}
            """);

        (model.MaxInputTokens, model.MaxOutputTokens, model.MinCacheableTokens).ShouldBe((500, 50, 10));
        model.Prices.Select(price => price.From).ShouldBe([null, new DateTimeOffset(2026, 9, 1, 0, 0, 0, TimeSpan.Zero)]);
        // The older set disagrees with litellm on input: litellm's cache prices belong to another price.
        model.Prices[0].Rates.ShouldBe(Rates(2_000_000, 10_000_000, 2_000_000, 2_000_000, 2_000_000, 10_000_000));
        model.Prices[1].Rates.ShouldBe(Rates(3_000_000, 15_000_000, 300_000, 3_750_000, 6_000_000, 20_000_000));
    }

    [Fact]
    public async Task Import_takes_the_dearer_of_prices_that_depend_on_the_hour()
    {
        var model = await ImportOneAsync(
            """
            {"id":"m","provider":"deepseek","prices_usd_per_token":{},
             "genai_prices_conditional":[{"constraint":null,"prices":{"input":1.35e-07,"output":5.5e-07}},
                                         {"constraint":{"start_time":"00:30:00Z","end_time":"16:30:00Z"},"prices":{"input":2.7e-07,"cache_read":7e-08,"output":1.1e-06}}]}
            """);

        model.Prices.ShouldHaveSingleItem().Rates.ShouldBe(Rates(270_000, 1_100_000, 70_000, 270_000, 270_000, 1_100_000));
    }

    [Fact]
    public async Task Import_keeps_what_a_tier_does_not_list_and_takes_tiers_that_only_one_source_has()
    {
        var model = await ImportOneAsync(
            """
            {"id":"m","provider":"xai","prices_usd_per_token":{
              "litellm":{"input":2e-07,"output":5e-07,"cache_read":5e-08,"tiers":[{"above_input_tokens":128000,"input":4e-07,"output":1e-06}]},
              "genai_prices":{"input":2e-07,"output":5e-07}}}
            """);

        var tier = model.Prices.ShouldHaveSingleItem().Tiers.ShouldHaveSingleItem();
        tier.AboveInputTokens.ShouldBe(128_000);
        tier.Rates.ShouldBe(Rates(400_000, 1_000_000, 50_000, 400_000, 400_000, 1_000_000));
    }

    [Fact]
    public async Task Import_keeps_prices_of_audio_and_a_larger_request_is_never_cheaper()
    {
        var model = await ImportOneAsync(
            """
            {"id":"m","provider":"google","prices_usd_per_token":{
              "genai_prices":{"input":1e-07,"output":4e-07,"cache_read":2.5e-08,"input_audio":7e-07,"output_audio":9e-07,"other":{"cache_audio_read_mtok":0.175},
                              "tiers":[{"above_input_tokens":128000,"input":8e-07,"output":8e-07}]}}}
            """);

        var audio = model.Prices.ShouldHaveSingleItem();
        (audio.Rates.AudioInput, audio.Rates.AudioCacheRead, audio.Rates.AudioOutput).ShouldBe((700_000, 175_000, 900_000));
        var tier = audio.Tiers.ShouldHaveSingleItem().Rates;
        // As dear as text, which needs no price of its own.
        (tier.AudioInput, tier.AudioCacheRead, tier.AudioOutput).ShouldBe((null, 175_000, 900_000));
    }

    [Theory]
    [InlineData("""{"litellm":{"input":0,"output":0}}""")]
    [InlineData("{}")]
    public async Task Import_keeps_a_model_without_a_price_for_its_sizes(string prices)
    {
        var model = await ImportOneAsync($$"""{"id":"m","provider":"google","max_input_tokens":7,"prices_usd_per_token":{{prices}}}""");

        model.Prices.ShouldBeEmpty();
        model.MaxInputTokens.ShouldBe(7);
    }

    [Fact]
    public async Task Import_prefers_the_entry_served_under_its_own_id_and_says_that_there_were_more()
    {
        var sheet = Sheet(
            """{"id":"m","provider":"google","prices_usd_per_token":{"genai_prices":{"input":1e-06,"output":1e-06}}}""",
            """{"id":"m","provider":"anthropic","litellm_key":"m","prices_usd_per_token":{"litellm":{"input":2e-06,"output":2e-06}}}""");

        var (exitCode, output, error) = await _cli.RunAsync("models", "import", sheet);

        exitCode.ShouldBe(0);
        output.ShouldContain("""{"id":"m","provider":"anthropic","prices":[{"input":2000000,"output":2000000}]}""");
        error.ShouldContain("m: listed 2 times; taken as served by anthropic.");
    }

    [Theory]
    [InlineData("""{"id":"m","provider":"p","prices_usd_per_token":{"litellm":{"input":1.5e-13,"output":1}}}""", "model 'm': 'input' is 1.5e-13 dollars, which is not a whole number")]
    [InlineData("""{"id":"m","provider":"p","prices_usd_per_token":{"litellm":{"input":-1e-06,"output":1}}}""", "model 'm': 'input' is -1e-06")]
    [InlineData("""{"id":"m","provider":"p","prices_usd_per_token":{"litellm":{"input":1e-06}}}""", "model 'm': there is no price for output")]
    [InlineData("""{"id":"m","provider":"p","genai_prices_conditional":[{"constraint":{"weekday":1},"prices":{"input":1,"output":1}}]}""", "depends on 'weekday'")]
    [InlineData("""{"provider":"p"}""", "a model without 'id'")]
    [InlineData("nonsense", "not JSON")]
    public async Task Import_refuses_what_it_cannot_price(string entry, string expected)
    {
        var sheet = Sheet(entry);

        var (exitCode, output, error) = await _cli.RunAsync("models", "import", sheet);

        exitCode.ShouldBe(1);
        output.ShouldBeEmpty();
        error.ShouldContain(sheet);
        error.ShouldContain(expected);
    }

    [Fact]
    public async Task Show_prints_dollars_per_million_for_every_date_or_for_one()
    {
        var (exitCode, all, _) = await _cli.RunAsync("models", "show", "claude-sonnet-5");
        var (_, before, _) = await _cli.RunAsync("models", "show", "claude-sonnet-5", "--at", "2026-08-31");

        exitCode.ShouldBe(0);
        all.ShouldContain("claude-sonnet-5 (anthropic)");
        all.ShouldContain("since ever");
        all.ShouldContain("from 2026-09-01");
        before.ShouldContain("2.5");
        before.ShouldNotContain("2026-09-01");
    }

    [Fact]
    public async Task Show_says_how_to_add_an_unknown_model_and_the_way_works()
    {
        var (exitCode, _, error) = await _cli.RunAsync("models", "show", "my-model");

        exitCode.ShouldBe(1);
        error.ShouldContain("Unknown model 'my-model'");
        error.ShouldContain("--catalogue FILE");

        var catalogue = _cli.Write("mine.json", """{"models":[{"id":"my-model","provider":"…","prices":[{"input":3000000,"output":15000000}]}]}""");
        var (second, output, _) = await _cli.RunAsync("models", "show", "my-model", "--catalogue", catalogue);

        second.ShouldBe(0);
        output.ShouldContain("15");
    }

    [Theory]
    [InlineData("models", "show", "claude-sonnet-5", "--at", "yesterday")]
    [InlineData("models", "show", "claude-sonnet-5", "--catalogue", "nowhere.json")]
    [InlineData("models", "import", "nowhere.json")]
    public async Task A_wrong_option_or_a_missing_file_is_named(params string[] arguments)
    {
        var (exitCode, _, error) = await _cli.RunAsync(arguments);

        exitCode.ShouldBe(1);
        error.ShouldContain(arguments[^1]);
    }

    public void Dispose() => _cli.Dispose();

    private async Task<ModelInfo> ImportOneAsync(string entry)
    {
        var written = _cli.PathOf("models.json");
        var (exitCode, _, error) = await _cli.RunAsync("models", "import", Sheet(entry), "--output", written);
        exitCode.ShouldBe(0, error);
        using var stream = File.OpenRead(written);
        return ModelCatalogue.Load(stream).Models.ShouldHaveSingleItem();
    }

    private string Sheet(params string[] entries) => _cli.Write("sheet.json", $"{{\"models\":[{string.Join(",", entries)}]}}");

    private static TokenRates Rates(long input, long output, long read, long write, long write1Hour, long reasoning) => new()
    {
        Input = input,
        Output = output,
        CacheRead = read,
        CacheWrite5Minutes = write,
        CacheWrite1Hour = write1Hour,
        Reasoning = reasoning,
    };
}
