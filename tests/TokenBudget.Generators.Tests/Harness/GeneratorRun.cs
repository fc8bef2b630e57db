using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp;
using TokenBudget.Generators.Contracts.Locking;

namespace TokenBudget.Generators.Tests.Harness;

/// <summary>One run of the generator, with every promise that holds for all of them checked.</summary>
internal sealed class GeneratorRun
{
    private GeneratorRun(GeneratorDriver driver, Compilation output)
    {
        Driver = driver;
        Output = output;
        Result = driver.GetRunResult().Results.Single();
    }

    public GeneratorDriver Driver { get; }

    public Compilation Output { get; }

    public GeneratorRunResult Result { get; }

    /// <summary>The files of the interfaces by their name.</summary>
    public IReadOnlyDictionary<string, string> Files => Result.GeneratedSources
        .Where(file => file.HintName != "TokenBudgetAgents.g.cs")
        .ToDictionary(file => file.HintName, file => file.SourceText.ToString());

    /// <summary>The file of the only interface.</summary>
    public string File => Files.Values.Single();

    /// <summary>The file that registers all agents.</summary>
    public string Registrations => Result.GeneratedSources.Single(file => file.HintName == "TokenBudgetAgents.g.cs").SourceText.ToString();

    /// <summary>The contracts the assembly has, by method.</summary>
    public IReadOnlyDictionary<string, string> Contracts => Output.Assembly.GetAttributes()
        .Where(attribute => attribute.AttributeClass!.Name == "AssemblyMetadataAttribute")
        .Select(attribute => (Key: (string)attribute.ConstructorArguments[0].Value!, Value: (string)attribute.ConstructorArguments[1].Value!))
        .Where(item => item.Key.StartsWith(ContractManifest.Prefix, StringComparison.Ordinal))
        .ToDictionary(item => item.Key[ContractManifest.Prefix.Length..], item => item.Value);

    /// <summary>The lock file of the project as it is.</summary>
    public string Lock => LockFile.Write(Contracts.Select(item => KeyValuePair.Create(LockFile.KeyOf("Consumer", item.Key), item.Value)));

    /// <summary>
    /// Runs twice, the second time with an unrelated file added: nothing may be made anew, no step may hold on to a compilation,
    /// and what was generated must compile without a warning.
    /// </summary>
    public static GeneratorRun Of(string source, bool compiles = true, IEnumerable<MetadataReference>? references = null, params IReadOnlyList<TestFile> files)
    {
        var compilation = TestCompilation.Create(source, references);
        var first = Start(compilation, files);
        PipelineObjects.ShouldHoldNoSymbols(first.Result);

        var second = first.Again(compilation.AddSyntaxTrees(TestCompilation.Parse("class Unrelated { int _x = 1; public int M() => _x; }", "Unrelated.cs")));
        PipelineObjects.ShouldBeCached(second.Result);
        second.Files.ShouldBe(first.Files);

        if (compiles)
            first.ShouldCompile();
        return first;
    }

    public static GeneratorRun Start(Compilation compilation, params IReadOnlyList<TestFile> files) => StartIn(properties: null, compilation, files);

    /// <summary>Runs in a project with MSBuild properties.</summary>
    public static GeneratorRun StartIn(IReadOnlyDictionary<string, string>? properties, Compilation compilation, params IReadOnlyList<TestFile> files)
    {
        var driver = CSharpGeneratorDriver.Create(
            [new TokenBudgetGenerator().AsSourceGenerator()],
            files,
            parseOptions: TestCompilation.ParseOptions,
            optionsProvider: properties is null ? null : new TestProperties(properties),
            driverOptions: new GeneratorDriverOptions(IncrementalGeneratorOutputKind.None, trackIncrementalGeneratorSteps: true));
        return Run(driver, compilation);
    }

    public GeneratorRun Again(Compilation compilation) => Run(Driver, compilation);

    /// <summary>Runs again after the project's properties were edited.</summary>
    public GeneratorRun AgainIn(IReadOnlyDictionary<string, string> properties, Compilation compilation) =>
        Run(Driver.WithUpdatedAnalyzerConfigOptions(new TestProperties(properties)), compilation);

    /// <summary>Runs again after a file was edited.</summary>
    public GeneratorRun Again(TestFile before, TestFile after, Compilation compilation) => Run(Driver.ReplaceAdditionalText(before, after), compilation);

    public void ShouldCompile()
    {
        Result.Exception.ShouldBeNull();
        var generated = Output.SyntaxTrees.Where(tree => tree.FilePath.EndsWith(".g.cs", StringComparison.Ordinal)).ToList();
        var problems = Output
            .WithOptions(Output.Options.WithSpecificDiagnosticOptions([]))
            .GetDiagnostics()
            .Where(diagnostic => diagnostic.Severity >= DiagnosticSeverity.Warning)
            .Where(diagnostic => diagnostic.Id != "CS1591" || generated.Contains(diagnostic.Location.SourceTree!))
            .Select(diagnostic => diagnostic.ToString());
        string.Join("\n", problems).ShouldBeEmpty(string.Join("\n", Files.Values));
    }

    private static GeneratorRun Run(GeneratorDriver driver, Compilation compilation)
    {
        driver = driver.RunGeneratorsAndUpdateCompilation(compilation, out var output, out var diagnostics);
        diagnostics.ShouldBeEmpty();
        return new GeneratorRun(driver, output);
    }
}
