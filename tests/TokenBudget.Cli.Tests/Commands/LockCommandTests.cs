using TokenBudget.Cli.Tests.Contracts;

namespace TokenBudget.Cli.Tests.Commands;

public sealed class LockCommandTests : IDisposable
{
    private readonly CommandLine _cli = new();

    [Fact]
    public async Task A_line_is_written_for_each_method_and_the_same_assembly_writes_the_same_file()
    {
        var app = Assembly("App", ("Contoso.IB.AskAsync(string)", TestAssembly.Contract(0.5m)), ("Contoso.IA.AskAsync(string)", TestAssembly.Contract(null)));
        var path = _cli.PathOf("tokenbudget.lock.json");

        var (exitCode, output, error) = await _cli.RunAsync("lock", app, "--output", path);

        exitCode.ShouldBe(0, error);
        output.ReplaceLineEndings("\n").ShouldBe(
            $"""
            new      IA.AskAsync: at most an unknown amount a call
            new      IB.AskAsync: at most $0.50 a call
            {path}: 2 methods; 2 new.

            """.ReplaceLineEndings("\n"));
        var written = File.ReadAllText(path);
        written.ShouldBe(
            $$"""
            {
              "App/Contoso.IA.AskAsync(string)": {{TestAssembly.Contract(null)}},
              "App/Contoso.IB.AskAsync(string)": {{TestAssembly.Contract(0.5m)}},
              "version": 1
            }

            """.ReplaceLineEndings("\n"));

        (await _cli.RunAsync("lock", app, "--output", path)).Out.ReplaceLineEndings("\n").ShouldBe($"{path}: 2 methods, as before.\n");
        File.ReadAllText(path).ShouldBe(written);
        Directory.GetFiles(Path.GetDirectoryName(path)!, "*.new").ShouldBeEmpty();
    }

    [Fact]
    public async Task Lines_of_assemblies_that_are_not_given_stay()
    {
        var one = Assembly("One", ("IA.A()", TestAssembly.Contract(1)), ("IA.B()", TestAssembly.Contract(1)));
        var two = Assembly("Two", ("IA.A()", TestAssembly.Contract(2)));
        var path = _cli.PathOf("all.json");
        (await _cli.RunAsync("lock", one, two, "--output", path)).ExitCode.ShouldBe(0);

        var (exitCode, output, _) = await _cli.RunAsync("lock", Assembly("One", ("IA.A()", TestAssembly.Contract(1))), "--output", path);

        exitCode.ShouldBe(0);
        output.ShouldContain("gone     IA.B: was at most $1.00 a call");
        File.ReadAllLines(path).Count(static line => line.Contains("\"One/", StringComparison.Ordinal)).ShouldBe(1);
        File.ReadAllLines(path).Count(static line => line.Contains("\"Two/", StringComparison.Ordinal)).ShouldBe(1);
    }

    [Fact]
    public async Task Check_writes_nothing_and_fails_on_a_difference()
    {
        var path = _cli.PathOf("tokenbudget.lock.json");
        var app = Assembly("App", ("IA.AskAsync(string)", TestAssembly.Contract(0.5m)));
        var (missing, _, noFile) = await _cli.RunAsync("lock", app, "--output", path, "--check");
        missing.ShouldBe(4);
        noFile.ShouldContain("is not there, or cannot be read");
        File.Exists(path).ShouldBeFalse();

        await _cli.RunAsync("lock", app, "--output", path);
        // A checkout may have other line ends.
        File.WriteAllText(path, File.ReadAllText(path).Replace("\n", "\r\n", StringComparison.Ordinal));
        var (same, output, _) = await _cli.RunAsync("lock", app, "--output", path, "--check");
        same.ShouldBe(0);
        output.ShouldContain("1 methods, all as agreed");

        var written = File.ReadAllText(path);
        var dearer = Assembly("App", ("IA.AskAsync(string)", TestAssembly.Contract(0.6m, prompt: 20)));
        var (different, told, error) = await _cli.RunAsync("lock", dearer, "--output", path, "--check");
        different.ShouldBe(4);
        told.ShouldContain("rose     IA.AskAsync: at most $0.50 → $0.60 a call: fixedTokens.prompt 10 → 20");
        error.ShouldContain("is not what was built: 1 can cost more");
        File.ReadAllText(path).ShouldBe(written);
    }

    [Fact]
    public async Task A_broken_file_is_written_anew_and_told()
    {
        var path = _cli.Write("tokenbudget.lock.json", "{\n<<<<<<< ours\n");
        var app = Assembly("App", ("IA.AskAsync(string)", TestAssembly.Contract(0.5m)));

        var (exitCode, _, error) = await _cli.RunAsync("lock", app, "--output", path);

        exitCode.ShouldBe(0);
        error.ShouldContain($"{path}(2): it has merge conflicts.");
        (await _cli.RunAsync("lock", app, "--output", path, "--check")).ExitCode.ShouldBe(0);
    }

    [Fact]
    public async Task What_has_no_contracts_is_named()
    {
        var path = _cli.PathOf("tokenbudget.lock.json");
        await Fails("this is no .NET assembly", _cli.Write("text.dll", "MZ and nothing else"));
        await Fails("this is no .NET assembly", _cli.Write("other.dll", "nothing"));
        await Fails("There is no contract in", Assembly("Empty"));
        await Fails("are both App", Assembly("App"), Assembly("App"));
        await Fails("another release of TokenBudget", _cli.Write("new.dll", TestAssembly.Of("New", [("IA.A()", "{}")], version: 2)));
        await Fails("Could not find file", _cli.PathOf("none.dll"));

        async Task Fails(string reason, params string[] assemblies)
        {
            var (exitCode, _, error) = await _cli.RunAsync(["lock", .. assemblies, "--output", path]);
            exitCode.ShouldBe(1);
            error.ShouldContain(reason);
            File.Exists(path).ShouldBeFalse();
        }
    }

    /// <summary>The last agent of a project went; the others of the file stay.</summary>
    [Fact]
    public async Task An_assembly_may_have_lost_its_agents()
    {
        var path = _cli.PathOf("tokenbudget.lock.json");
        await _cli.RunAsync("lock", Assembly("App", ("IA.A()", TestAssembly.Contract(1))), "--output", path);

        (await _cli.RunAsync("lock", Assembly("App"), "--output", path)).ExitCode.ShouldBe(0);

        File.ReadAllText(path).ShouldBe("{\n  \"version\": 1\n}\n");
    }

    [Fact]
    public async Task No_damage_to_an_assembly_is_an_exception()
    {
        var image = TestAssembly.Of("App", [("IA.A()", TestAssembly.Contract(1))]);
        for (var seed = 0; seed < 500; seed++)
        {
            var random = new Random(seed);
            var damaged = image[..(seed % 3 == 0 ? random.Next(image.Length) : image.Length)];
            for (var changes = random.Next(20); changes > 0 && damaged.Length > 0; changes--)
                damaged[random.Next(damaged.Length)] = (byte)random.Next(256);
            var (exitCode, _, _) = await _cli.RunAsync("lock", _cli.Write("damaged.dll", damaged), "--output", _cli.PathOf("damaged.json"));
            exitCode.ShouldBeOneOf(0, 1);
        }
    }

    public void Dispose() => _cli.Dispose();

    private string Assembly(string name, params (string Method, string Json)[] contracts) => _cli.Write($"{name}.{Guid.NewGuid():N}.dll", TestAssembly.Of(name, contracts));
}
