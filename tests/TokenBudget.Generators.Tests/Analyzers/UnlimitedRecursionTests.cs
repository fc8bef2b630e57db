using TokenBudget.Generators.Analyzers;
using TokenBudget.Generators.Tests.Harness;

namespace TokenBudget.Generators.Tests.Analyzers;

public sealed class UnlimitedRecursionTests
{
    [Theory]
    [InlineData("an attempt number", "async Task<int> M(string q, int attempt) { var r = await client.GetResponseAsync(q); try { return Parse(r.Text); } catch (FormatException) when (attempt < 3) { return await M(q, attempt + 1); } }")]
    [InlineData("a switch", "async Task<int> M(string q, bool again = true) { var r = await client.GetResponseAsync(q); if (r.Text == \"\" && again) return await M(q, again: false); return 1; }")]
    [InlineData("a count in a field", "int _n; async Task<int> M(string q) { var r = await client.GetResponseAsync(q); if (r.Text == \"\" && _n++ < 3) return await M(q); return 1; }")]
    [InlineData("a walk through folders", "async Task M(string folder) { await client.GetResponseAsync(folder); foreach (var sub in System.IO.Directory.GetDirectories(folder)) await M(sub); }")]
    [InlineData("a person who answers", "async Task M(string q) { var r = await client.GetResponseAsync(q); if (r.Text != \"\") await M(Console.ReadLine()!); }")]
    [InlineData("another overload", "async Task<int> M(string q) { var r = await client.GetResponseAsync(q); if (r.Text == \"\") return await M(1.5); return 1; } Task<int> M(double d) => Task.FromResult(1);")]
    [InlineData("recursion without a model", "int M(int[] n) { try { return n[0]; } catch (Exception) { return M(n); } }")]
    public Task Says_nothing_of(string what, string code) => Run(what, code);

    [Theory]
    [InlineData("in a catch", "async Task<int> M(string q) { var r = await client.GetResponseAsync(q); try { return Parse(r.Text); } catch (FormatException) { return await {|TB0010:M(q)|}; } }")]
    [InlineData("on the answer", "async Task<int> M(string q) { var r = await client.GetResponseAsync(q); if (!int.TryParse(r.Text, out var n)) return await {|TB0010:M(q)|}; return n; }")]
    [InlineData("with the answer", "async Task<string> M(string q) { var r = await client.GetResponseAsync(q); return await {|TB0010:M(r.Text)|}; }")]
    [InlineData("by a helper", "async Task<string> M(string q) { var text = await Ask(q); try { return text; } catch (Exception) { return await {|TB0010:M(q)|}; } } async Task<string> Ask(string q) => (await client.GetResponseAsync(q)).Text;")]
    public Task Reports(string what, string code) => Run(what, code);

    private static Task Run(string what, string code)
    {
        what.ShouldNotBeEmpty();
        return AnalyzerRun.ShouldReport<UnlimitedRecursionAnalyzer>($$"""
            class C(IChatClient client)
            {
                {{code}}

                static int Parse(string text) => int.Parse(text, null);
            }
            """);
    }
}
