using System.Diagnostics.CodeAnalysis;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.Diagnostics;

namespace TokenBudget.Generators.Tests.Harness;

/// <summary>The MSBuild properties of a project, as the compiler shows them, and what an <c>.editorconfig</c> sets.</summary>
internal sealed class TestProperties(IReadOnlyDictionary<string, string> properties) : AnalyzerConfigOptionsProvider
{
    public override AnalyzerConfigOptions GlobalOptions { get; } = new Options(properties);

    public override AnalyzerConfigOptions GetOptions(SyntaxTree tree) => GlobalOptions;

    public override AnalyzerConfigOptions GetOptions(AdditionalText textFile) => GlobalOptions;

    private sealed class Options(IReadOnlyDictionary<string, string> properties) : AnalyzerConfigOptions
    {
        public override bool TryGetValue(string key, [NotNullWhen(true)] out string? value)
        {
            const string Property = "build_property.";
            return properties.TryGetValue(key.StartsWith(Property, StringComparison.Ordinal) ? key[Property.Length..] : key, out value);
        }
    }
}
