using System.Text.Json;
using FsCheck;
using FsCheck.Fluent;
using TokenBudget.Generators.Analyzers;
using TokenBudget.Generators.Contracts;
using TokenBudget.Generators.Contracts.Locking;
using TokenBudget.Generators.Tests.Harness;

namespace TokenBudget.Generators.Tests.Contracts.Locking;

public sealed class LockFileTests
{
    private const string Two = """
        {
          "A/I.AskAsync(string)": {"ceilingUsd":0.5,"fixedTokens":{"prompt":3},"model":"gpt-4o","cacheKey":["string q"]},
          "B/I.AskAsync(string)": {"ceilingUsd":null,"settings":{"cached":true}},
          "version": 1
        }

        """;

    private static readonly bool Nightly = Environment.GetEnvironmentVariable("TOKENBUDGET_NIGHTLY") == "1";

    [Fact]
    public void A_method_has_a_line_and_every_line_ends_alike()
    {
        var text = LockFile.Write(
        [
            new("B/I.AskAsync(string)", """{"ceilingUsd":null,"settings":{"cached":true}}"""),
            new("A/I.AskAsync(string)", """{"ceilingUsd":0.5,"fixedTokens":{"prompt":3},"model":"gpt-4o","cacheKey":["string q"]}"""),
        ]);
        text.ShouldBe(Two.ReplaceLineEndings("\n"));
        LockFile.Write([]).ShouldBe("{\n  \"version\": 1\n}\n");
        LockFile.Read(LockFile.Write([])).Contracts.ShouldBeEmpty();
    }

    [Fact]
    public void What_is_written_is_read()
    {
        var file = LockFile.Read(Two);
        file.Contracts.Select(static contract => (contract.Assembly, contract.Method)).ShouldBe([("A", "I.AskAsync(string)"), ("B", "I.AskAsync(string)")]);
        var first = file.Find("A", "I.AskAsync(string)").ShouldNotBeNull();
        first.Facts.Values.ShouldBe(new Dictionary<string, string> { ["ceilingUsd"] = "0.5", ["fixedTokens.prompt"] = "3", ["model"] = "gpt-4o", ["cacheKey"] = "[string q]" }, ignoreOrder: true);
        first.Facts.CeilingUsd.ShouldBe(0.5m);
        Two[first.Start..first.End].ShouldStartWith("\"A/I.AskAsync(string)\"");
        file.Find("C", "I.AskAsync(string)").ShouldBeNull();
        file.Find("B", "I.AskAsync(string)")!.Facts.CeilingUsd.ShouldBeNull();
    }

    [Fact]
    public void A_file_that_was_laid_out_otherwise_is_read_and_written_by_lines_again()
    {
        var laidOut = JsonSerializer.Serialize(JsonDocument.Parse(Two).RootElement, new JsonSerializerOptions { WriteIndented = true });
        laidOut.Split('\n').Length.ShouldBeGreaterThan(10);
        LockFile.Change(laidOut, new Dictionary<string, string?>()).Replace(": ", ":", StringComparison.Ordinal).ShouldBe(Two.ReplaceLineEndings("\n").Replace(": ", ":", StringComparison.Ordinal));
    }

    [Fact]
    public void A_change_touches_no_other_line()
    {
        var lines = Two.ReplaceLineEndings("\n").Split('\n');
        LockFile.Change(Two, new Dictionary<string, string?> { ["A/I.AskAsync(string)"] = "{}", ["C/I.NewAsync()"] = "{}" }).Split('\n')
            .ShouldBe([lines[0], "  \"A/I.AskAsync(string)\": {},", lines[2], "  \"C/I.NewAsync()\": {},", .. lines[3..]]);
        LockFile.Change(Two, new Dictionary<string, string?> { ["B/I.AskAsync(string)"] = null, ["D/I.NeverAsync()"] = null }).Split('\n').ShouldBe([.. lines[..2], .. lines[3..]]);
    }

    /// <summary>Two branches that each add a method: git's union merge takes the lines of both.</summary>
    [Fact]
    public void Lines_of_two_branches_are_a_file()
    {
        string[] lines = ["  \"A/I.B()\": {},", "  \"A/I.A()\": {},"];
        LockFile.Read($"{{\n{string.Join('\n', lines)}\n  \"version\": 1\n}}\n").Contracts.Count().ShouldBe(2);
        Problem($"{{\n{lines[0]}\n{lines[0]}\n  \"version\": 1\n}}\n").ShouldBe(("this method is there twice", 3));
    }

    [Theory]
    [InlineData("", "it is not the JSON that 'tokenbudget lock' writes", 1)]
    [InlineData("[]", "it is not the JSON that 'tokenbudget lock' writes", 1)]
    [InlineData("{\n\"version\": 1,\n}", "it is not the JSON that 'tokenbudget lock' writes", 3)]
    [InlineData("{}", "it has no version", 1)]
    [InlineData("{\n\"version\": 2\n}", "it is of version 2, and this TokenBudget reads version 1", 2)]
    [InlineData("{\"version\": \"1\"}", "its version is no number", 1)]
    [InlineData("{\n\"A/M\": 1,\n\"version\": 1}", "this is no contract of a method", 2)]
    [InlineData("{\n\"M\": {},\n\"version\": 1}", "this is no contract of a method", 2)]
    [InlineData("{\n<<<<<<< ours\n\"A/M\": {},\n=======\n>>>>>>> theirs\n\"version\": 1}", "it has merge conflicts", 2)]
    public void What_is_wrong_is_told_with_its_line(string text, string problem, int line) => Problem(text).ShouldBe((problem, line));

    [Fact]
    public void Any_text_can_be_a_name_or_a_value() => Prop.ForAll<string, string>(static (name, value) =>
    {
        var (key, text) = ("A/" + (name ?? "") + "x", value ?? "");
        var json = new ContractJson();
        json.Add("model", text);
        var written = LockFile.Write([new(key, json.ToString())]);
        var line = written.Split('\n')[1];
        // The framework has no text with half a character.
        if (!(key + text).Any(char.IsSurrogate))
            JsonDocument.Parse(written).RootElement.EnumerateObject().First().ShouldSatisfyAllConditions(
                first => first.Name.ShouldBe(key), first => first.Value.GetProperty("model").GetString().ShouldBe(text));
        LockFile.Read(written).Contracts.Single().Facts.Values["model"].ShouldBe(text);
        line.ShouldEndWith("\"},");
        Microsoft.CodeAnalysis.Text.SourceText.From(written).Lines.Count.ShouldBe(5);
    }).QuickCheckThrowOnFailure();

    [Fact]
    public void No_text_makes_the_reader_throw_anything_else()
    {
        var texts = Enumerable.Range(0, Two.Length).Select(static length => Two[..length])
            .Concat(Enumerable.Range(0, Nightly ? 200_000 : 20_000).Select(static seed => Mutate(Two, new Random(seed))));
        var readable = 0;
        foreach (var text in texts)
        {
            try
            {
                LockFile.Read(text);
                readable++;
                // What we take for JSON is JSON to everybody; the framework has no text with half a character.
                if (!text.Any(char.IsSurrogate))
                    JsonDocument.Parse(text);
            }
            catch (JsonTreeException exception)
            {
                exception.At.ShouldBeInRange(0, text.Length);
            }
        }

        // Or the changes would have been too rough to come far.
        readable.ShouldBeGreaterThan(100);
    }

    [Fact]
    public async Task No_lock_file_makes_a_rule_throw()
    {
        var compilation = TestCompilation.Create(Sources.Orchestrator, AnalyzerRun.References);
        var good = GeneratorRun.Start(TestCompilation.Create(Sources.Orchestrator)).Lock;
        var step = Nightly ? 1 : 29;
        var texts = Enumerable.Range(0, good.Length / step).Select(number => good[..(number * step)])
            .Concat(Enumerable.Range(0, Nightly ? 2_000 : 100).Select(seed => Mutate(good, new Random(seed))))
            .Append(null);
        foreach (var text in texts)
        {
            TestFile file = new("/p/" + LockFile.FileName, text);
            var broken = await AnalyzerRun.Analyze<UnreadableLockAnalyzer>(compilation, [file]);
            broken.Count.ShouldBeLessThanOrEqualTo(1);
            var compared = (await AnalyzerRun.Analyze<CeilingRoseAnalyzer>(compilation, [file])).Concat(await AnalyzerRun.Analyze<ContractChangedAnalyzer>(compilation, [file]));
            if (broken.Count > 0)
                compared.ShouldBeEmpty(text);
        }
    }

    private static string Mutate(string text, Random random)
    {
        const string Likely = "{}[]\",:0123456789.-+eE\\u/ntfl \n\r<>=\u2028\ud800é";
        var characters = text.ToList();
        for (var changes = random.Next(1, 4); changes > 0; changes--)
        {
            var here = random.Next(characters.Count);
            switch (random.Next(3))
            {
                case 0:
                    characters.RemoveAt(here);
                    break;
                case 1:
                    characters.Insert(here, Likely[random.Next(Likely.Length)]);
                    break;
                default:
                    characters[here] = Likely[random.Next(Likely.Length)];
                    break;
            }
        }

        return string.Concat(characters);
    }

    private static (string Problem, int Line) Problem(string text)
    {
        var exception = Should.Throw<JsonTreeException>(() => LockFile.Read(text));
        return (exception.Message, text[..exception.At].Count(static character => character == '\n') + 1);
    }
}
