using System.Text;
using TokenBudget.Models;

namespace TokenBudget.Tests.Models;

public sealed class ModelCatalogueReaderTests
{
    [Fact]
    public void Rates_that_are_left_out_are_those_the_provider_does_not_bill_apart()
    {
        var model = Load("""{"models":[{"id":"m","provider":"p","prices":[{"input":5,"output":9}]}]}""").Get("M");

        model.Prices.ShouldHaveSingleItem().Rates.ShouldBe(new TokenRates
        {
            Input = 5,
            Output = 9,
            CacheRead = 5,
            CacheWrite5Minutes = 5,
            CacheWrite1Hour = 5,
            Reasoning = 9,
        });
        model.MaxInputTokens.ShouldBeNull();
        model.MinCacheableTokens.ShouldBe(0);
    }

    [Fact]
    public void Audio_has_rates_of_its_own()
    {
        var rates = Load("""{"models":[{"id":"m","provider":"p","prices":[{"input":5,"output":9,"audioInput":6,"audioCacheRead":0,"audioOutput":7}]}]}""").Get("m").Prices[0].Rates;
        (rates.AudioInput, rates.AudioCacheRead, rates.AudioOutput).ShouldBe((6, 0, 7));
    }

    [Fact]
    public void Prices_and_tiers_come_in_order_whatever_the_order_of_the_file()
    {
        var model = Load(
            """
            {"note":"free text","models":[{"id":"m","provider":"p","maxInput":10,"maxOutput":4,"minCacheable":2,"prices":[
              {"from":"2026-09-01","input":3,"output":30,"tiers":[{"above":400,"input":5,"output":50},{"above":200,"input":4,"output":40}]},
              {"from":"2026-03-01T12:00:00+02:00","input":2,"output":20},
              {"input":1,"output":10}]}]}
            """).Get("m");

        model.Prices.Select(price => price.Rates.Input).ShouldBe([1, 2, 3]);
        model.Prices[1].From.ShouldBe(new DateTimeOffset(2026, 3, 1, 10, 0, 0, TimeSpan.Zero));
        model.PricesAt(new DateTimeOffset(2026, 8, 31, 23, 59, 59, TimeSpan.Zero)).Rates.Input.ShouldBe(2);
        var last = model.PricesAt(new DateTimeOffset(2026, 9, 1, 0, 0, 0, TimeSpan.Zero));
        new long[] { 200, 201, 400, 401 }.Select(input => last.RatesFor(input).Input).ShouldBe([3, 4, 4, 5]);
        (model.MaxInputTokens, model.MaxOutputTokens, model.MinCacheableTokens).ShouldBe((10, 4, 2));
    }

    [Fact]
    public void A_model_without_prices_is_known_but_cannot_be_priced()
    {
        var model = Load("""{"models":[{"id":"m","provider":"p","maxInput":10}]}""").Get("m");

        model.Prices.ShouldBeEmpty();
        Should.Throw<UnknownPriceException>(() => model.PricesAt(DateTimeOffset.UnixEpoch));
    }

    [Theory]
    [InlineData("", "line 1: not JSON")]
    [InlineData("{\"models\":[\n{\"id\":\"m\",]}", "line 2: not JSON")]
    [InlineData("[]", "line 1: the catalogue must be an object")]
    [InlineData("{}", "there is no field 'models'")]
    [InlineData("{\"models\":[]} x", "not JSON")]
    [InlineData("{\"models\":[],\"models\":[]}", "'models' is there twice")]
    [InlineData("{\"models\":[],\"prices\":1}", "unknown field 'prices'")]
    [InlineData("{\"models\":[{\"provider\":\"p\"}]}", "the model has no 'id'")]
    [InlineData("{\"models\":[{\"id\":\"\"}]}", "'id' is empty")]
    [InlineData("{\"models\":[{\"id\":\"\\ud800\"}]}", "not well-formed")]
    [InlineData("{\"models\":[\n{\"id\":\"m\"}]}", "line 2, model 'm': the model has no 'provider'")]
    [InlineData("{\"models\":[\n{\"id\":\"m\",\"provider\":\"p\"},\n{\"id\":\"M\",\"provider\":\"p\"}]}", "line 3, model 'M': the model is listed twice")]
    [InlineData("{\"models\":[{\"id\":\"m\",\"provider\":7}]}", "'provider' must be a string")]
    [InlineData("{\"models\":[{\"id\":\"m\",\"maxinput\":7}]}", "unknown field 'maxinput'; a model has id, provider, maxInput")]
    [InlineData("{\"models\":[{\"id\":\"m\",\"maxInput\":0}]}", "'maxInput' is 0, but must be from 1")]
    public void What_is_wrong_with_a_file_is_named_with_its_line_and_model(string json, string expected) =>
        Should.Throw<FormatException>(() => Load(json)).Message.ShouldContain(expected);

    [Theory]
    [InlineData("""{"output":1}""", "a price has no 'input'")]
    [InlineData("""{"input":1}""", "a price has no 'output'")]
    [InlineData("""{"input":-3,"output":1}""", "'input' is -3, but must be from 0")]
    [InlineData("""{"input":3.5,"output":1}""", "'input' is 3.5, which is not a whole number; prices are whole pico-dollars per token")]
    [InlineData("""{"input":1000000000001,"output":1}""", "'input' is 1000000000001, but must be from 0 to 1000000000000")]
    [InlineData("""{"input":"3","output":1}""", "'input' must be a number")]
    [InlineData("""{"input":3,"input":3,"output":1}""", "field 'input' is there twice")]
    [InlineData("""{"input":3,"output":1,"cachedRead":1}""", "unknown field 'cachedRead'; an entry of 'prices' has from, input")]
    [InlineData("""{"from":"1 Sept","input":3,"output":1}""", "'from' is \"1 Sept\", which is not a date like 2026-09-01")]
    [InlineData("""{"input":3,"output":1},{"input":4,"output":1}""", "there are two prices without 'from'")]
    [InlineData("""{"from":"2026-09-01","input":3,"output":1},{"from":"2026-09-01","input":4,"output":1}""", "there are two prices from 2026-09-01")]
    [InlineData("""{"input":3,"output":1,"tiers":[{"input":3,"output":1}]}""", "a tier has no 'above'")]
    [InlineData("""{"input":3,"output":1,"tiers":[{"above":5,"input":3,"output":1},{"above":5,"input":3,"output":1}]}""", "there are two tiers above 5 tokens")]
    [InlineData("""{"input":3,"output":1,"tiers":[{"above":5,"input":3,"output":1,"from":"x"}]}""", "unknown field 'from'; a tier has above")]
    [InlineData("""{"input":3,"output":1,"tiers":5}""", "'tiers' must be an array")]
    public void A_price_that_cannot_be_right_is_refused(string prices, string expected)
    {
        var message = Should.Throw<FormatException>(() => Load($"{{\"models\":[\n{{\"id\":\"m\",\"provider\":\"p\",\"prices\":[{prices}]}}]}}")).Message;

        message.ShouldContain("line 2, model 'm': ");
        message.ShouldContain(expected);
    }

    [Fact]
    public void A_byte_order_mark_is_skipped() =>
        Load("\uFEFF{\"models\":[{\"id\":\"m\",\"provider\":\"p\"}]}").Models.Count.ShouldBe(1);

    private static ModelCatalogue Load(string json) => ModelCatalogue.Load(new MemoryStream(Encoding.UTF8.GetBytes(json)));
}
