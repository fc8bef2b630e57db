using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp;

namespace TokenBudget.Generators.Tests.Harness;

/// <summary>Compiles a test's source as strictly as a careful user would.</summary>
internal static class TestCompilation
{
    public static readonly CSharpParseOptions ParseOptions =
        CSharpParseOptions.Default.WithLanguageVersion(LanguageVersion.Latest).WithDocumentationMode(DocumentationMode.Diagnose);

    /// <summary>The namespaces every test may use without saying so.</summary>
    public const string Usings = """
        global using System;
        global using System.Collections.Generic;
        global using System.Linq;
        global using System.Threading;
        global using System.Threading.Tasks;
        global using Microsoft.Extensions.AI;
        global using TokenBudget;
        global using TokenBudget.Calls;
        global using TokenBudget.Conversations;

        """;

    public static CSharpCompilation Create(string source, IEnumerable<MetadataReference>? references = null) => CSharpCompilation.Create(
        "Consumer",
        [Parse(Usings, "Usings.cs"), Parse(source, "Test.cs")],
        references ?? References.All,
        new CSharpCompilationOptions(OutputKind.DynamicallyLinkedLibrary)
            .WithNullableContextOptions(NullableContextOptions.Enable)
            .WithGeneralDiagnosticOption(ReportDiagnostic.Error)
            .WithWarningLevel(9999)
            // The test's own types need no documentation; the generated ones do, and are checked for it by name.
            .WithSpecificDiagnosticOptions([new("CS1591", ReportDiagnostic.Suppress)]));

    public static SyntaxTree Parse(string source, string path) => CSharpSyntaxTree.ParseText(source, ParseOptions, path);
}
