using System.Collections.Concurrent;
using System.Runtime.CompilerServices;
using TokenBudget.Generators.Collections;
using TokenBudget.Generators.Contracts;
using TokenBudget.Generators.Models;
using TokenBudget.Generators.Parsing;

namespace TokenBudget.Generators.Analyzers.Agents;

/// <summary>Reads attributed interfaces with the generator's parser, so that the two cannot disagree; each once for all rules of a compilation.</summary>
internal sealed class AgentReadings(Compilation compilation, AnalyzerOptions options)
{
    // A memo that lives as long as the compilation does: the rules are objects that know nothing of each other.
    private static readonly ConditionalWeakTable<Compilation, AgentReadings> Known = new();

    private readonly ConcurrentDictionary<INamedTypeSymbol, AgentReading> _read = new(SymbolEqualityComparer.Default);
    private readonly Lazy<EquatableArray<PromptFile>> _files = new(() => PromptFiles.Of(options.AdditionalFiles, CancellationToken.None));
    private readonly Lazy<EquatableArray<Setting>> _settings = new(() => ProjectSettings.Of(options.AnalyzerConfigOptionsProvider.GlobalOptions));
    private readonly ProjectReading _project = new(compilation, options);

    /// <summary>The readings of a compilation.</summary>
    public static AgentReadings Of(Compilation compilation, AnalyzerOptions options)
    {
        var known = Known.GetValue(compilation, key => new AgentReadings(key, options));
        // The same compilation under other options: what was read with the first ones does not hold.
        return known.Has(options) ? known : new AgentReadings(compilation, options);
    }

    /// <summary>An interface; null where nothing is generated of it.</summary>
    public AgentReading? Of(INamedTypeSymbol type, CancellationToken cancellationToken)
    {
        if (AgentSource.KindOf(type) is not { } kind)
            return null;
        return _read.TryGetValue(type, out var known) ? known : _read.GetOrAdd(type, Read(type, kind, cancellationToken));
    }

    /// <summary>The project around the interfaces.</summary>
    public ProjectReading Project => _project;

    /// <summary>Every interface of the project that something is generated of.</summary>
    public IEnumerable<AgentReading> All(CancellationToken cancellationToken) => All(compilation.Assembly.GlobalNamespace, cancellationToken);

    private IEnumerable<AgentReading> All(INamespaceOrTypeSymbol container, CancellationToken cancellationToken)
    {
        foreach (var member in container.GetMembers())
        {
            if (member is INamedTypeSymbol type && Of(type, cancellationToken) is { } agent)
                yield return agent;
            if (member is INamespaceOrTypeSymbol inner)
                foreach (var nested in All(inner, cancellationToken))
                    yield return nested;
        }
    }

    private bool Has(AnalyzerOptions other) => ReferenceEquals(options, other);

    private AgentReading Read(INamedTypeSymbol type, AgentKind kind, CancellationToken cancellationToken)
    {
        var heard = new Observer();
        AgentParser.Parse(type, kind, compilation.Assembly, heard, cancellationToken);
        var calls = new List<(IMethodSymbol Method, CallModel Call)>();
        foreach (var (method, call) in heard.Calls)
        {
            if (PromptFiles.Into(call, _files.Value, out var problem) is { } whole)
                calls.Add((method, ProjectSettings.Into(whole, _settings.Value)));
            else
                heard.Problem(method, null, problem!);
        }

        var names = MethodNames.Of(type.ToCode(), [.. calls.Select(static call => call.Call)]);
        return new AgentReading(type, [.. calls.Select((call, index) => new CallReading(type, kind, call.Method, call.Call, names[index], _project))], heard.Problems, heard.Forwards);
    }

    private sealed class Observer : IParseObserver
    {
        public List<(IMethodSymbol Method, CallModel Call)> Calls { get; } = [];

        public List<AgentProblem> Problems { get; } = [];

        public List<(IMethodSymbol Method, string Reason)> Forwards { get; } = [];

        public void Forwarded(IMethodSymbol method, string reason) => Forwards.Add((method, reason));

        public void Problem(ISymbol symbol, AttributeData? attribute, string reason) => Problems.Add(new AgentProblem(symbol, attribute, reason));

        public void Call(IMethodSymbol method, CallModel call) => Calls.Add((method, call));
    }
}
