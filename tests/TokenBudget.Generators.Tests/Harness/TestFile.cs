using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.Text;

namespace TokenBudget.Generators.Tests.Harness;

/// <summary>An <c>AdditionalFiles</c> item; without a text, one that cannot be read.</summary>
internal sealed class TestFile(string path, string? text) : AdditionalText
{
    public override string Path => path;

    public override SourceText? GetText(CancellationToken cancellationToken = default) => text is null ? null : SourceText.From(text);
}
