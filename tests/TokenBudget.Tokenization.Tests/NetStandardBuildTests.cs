using System.Reflection;
using System.Runtime.Loader;
using System.Runtime.Versioning;

namespace TokenBudget.Tokenization.Tests;

/// <summary>The netstandard2.0 build, which the source generator's copy equals, gives what the net10.0 build gives.</summary>
public sealed class NetStandardBuildTests
{
    private static readonly Assembly Build =
        new AssemblyLoadContext("netstandard2.0").LoadFromAssemblyPath(Path.Combine(AppContext.BaseDirectory, "netstandard2.0", "TokenBudget.Tokenization.dll"));

    [Fact]
    public void It_is_the_other_build_and_depends_on_nothing_but_the_standard()
    {
        Build.ShouldNotBeSameAs(typeof(Tokenizer).Assembly);
        Build.GetCustomAttribute<TargetFrameworkAttribute>().ShouldNotBeNull().FrameworkName.ShouldBe(".NETStandard,Version=v2.0");
        Build.GetReferencedAssemblies().Select(name => name.Name).ShouldBe(["netstandard"]);
    }

    [Theory]
    [MemberData(nameof(Encodings.All), MemberType = typeof(Encodings))]
    public void It_gives_the_same_ids_counts_cuts_and_texts(string encoding)
    {
        var modern = Tokenizer.ForEncoding(encoding);
        var type = Build.GetType(typeof(Tokenizer).FullName!, throwOnError: true)!;
        var other = type.GetMethod(nameof(Tokenizer.ForEncoding))!.Invoke(null, [encoding])!;
        var count = Method<Func<string, int>>(nameof(Tokenizer.CountTokens));
        var countUpTo = Method<Func<string, int, int>>(nameof(Tokenizer.CountTokens));
        var encode = Method<Func<string, IReadOnlyList<int>>>(nameof(Tokenizer.EncodeToIds));
        var decode = Method<Func<IEnumerable<int>, string>>(nameof(Tokenizer.Decode));
        var cut = Method<Cut>(nameof(Tokenizer.GetIndexByTokenCount));
        var cutFromEnd = Method<Cut>(nameof(Tokenizer.GetIndexByTokenCountFromEnd));

        foreach (var text in Golden.Rows.Select(row => row.Text).Concat(Texts.Random(seed: 6, count: Encodings.Nightly ? 100_000 : 2_000)).Append(new string('a', 3_000)))
        {
            var ids = encode(text);
            ids.ShouldBe(modern.EncodeToIds(text), Texts.Show(text));
            count(text).ShouldBe(ids.Count);
            count(text).ShouldBe(ids.Count, "the second time");
            countUpTo(text, 2).ShouldBe(modern.CountTokens(text, 2));
            decode(ids).ShouldBe(modern.Decode(ids));
            (cut(text, 2, out var tokens), tokens).ShouldBe((modern.GetIndexByTokenCount(text, 2, out var expected), expected));
            (cutFromEnd(text, 2, out tokens), tokens).ShouldBe((modern.GetIndexByTokenCountFromEnd(text, 2, out expected), expected));
        }

        T Method<T>(string name)
            where T : Delegate
        {
            var parameters = typeof(T).GetMethod("Invoke")!.GetParameters().Select(parameter => parameter.ParameterType).ToArray();
            return type.GetMethod(name, parameters)!.CreateDelegate<T>(other);
        }
    }

    private delegate int Cut(string text, int maxTokenCount, out int tokenCount);
}
