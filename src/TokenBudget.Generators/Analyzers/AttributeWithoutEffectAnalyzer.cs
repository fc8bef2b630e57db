using System.Collections.Concurrent;
using System.Collections.Immutable;
using TokenBudget.Generators.Models;
using TokenBudget.Generators.Parsing;

namespace TokenBudget.Generators.Analyzers;

/// <summary>TB0115: an attribute of a call where no call is generated.</summary>
[DiagnosticAnalyzer(LanguageNames.CSharp)]
public sealed class AttributeWithoutEffectAnalyzer : DiagnosticAnalyzer
{
    /// <summary>What says something of a call, but does not make anything of an interface.</summary>
    private static readonly string[] Prompts = [WellKnownNames.PromptAttribute, WellKnownNames.SystemPromptAttribute, WellKnownNames.ToolsAttribute, WellKnownNames.RoutedToAttribute];

    private static readonly string[] OfMethods = [.. AgentSource.WrapperAttributes, .. Prompts];

    private static readonly string[] OfParameters =
        [WellKnownNames.MaxTokensAttribute, WellKnownNames.CacheScopeAttribute, WellKnownNames.CacheIgnoreAttribute, WellKnownNames.ConversationIdAttribute];

    private const string NoAgent = "nothing is generated of this interface; add [ChatAgent]";
    private const string OwnImplementation = "your own implementation asks the model; add [ChatAgent] to have it generated, or remove this";

    private static readonly DiagnosticDescriptor Descriptor = new(
        DiagnosticIds.AttributeWithoutEffect,
        "An attribute has no effect here",
        "[{0}] on '{1}' does nothing: {2}",
        Rule.Agents,
        DiagnosticSeverity.Warning,
        isEnabledByDefault: true,
        "The attributes are read by the generator, from interfaces alone; what they say elsewhere is held by nobody.",
        Rule.HelpLink(DiagnosticIds.AttributeWithoutEffect),
        WellKnownDiagnosticTags.CompilationEnd);

    /// <inheritdoc/>
    public override ImmutableArray<DiagnosticDescriptor> SupportedDiagnostics { get; } = [Descriptor];

    /// <inheritdoc/>
    public override void Initialize(AnalysisContext context)
    {
        context.EnableConcurrentExecution();
        context.ConfigureGeneratedCodeAnalysis(GeneratedCodeAnalysisFlags.None);
        context.RegisterCompilationStartAction(static start =>
        {
            if (start.Compilation.GetTypesByMetadataName(WellKnownNames.ChatAgentAttribute).Length == 0)
                return;
            // An interface without an agent's attribute may be the base of one that has it.
            var bases = new ConcurrentDictionary<INamedTypeSymbol, bool>(SymbolEqualityComparer.Default);
            var doubtful = new ConcurrentBag<(INamedTypeSymbol Type, Diagnostic Diagnostic)>();
            start.RegisterSymbolAction(symbol => Check((INamedTypeSymbol)symbol.Symbol, bases, doubtful, symbol.ReportDiagnostic, symbol.CancellationToken), SymbolKind.NamedType);
            start.RegisterCompilationEndAction(end =>
            {
                foreach (var (type, diagnostic) in doubtful)
                    if (!bases.ContainsKey(type))
                        end.ReportDiagnostic(diagnostic);
            });
        });
    }

    private static void Check(
        INamedTypeSymbol type,
        ConcurrentDictionary<INamedTypeSymbol, bool> bases,
        ConcurrentBag<(INamedTypeSymbol Type, Diagnostic Diagnostic)> doubtful,
        Action<Diagnostic> report,
        CancellationToken cancellationToken)
    {
        var kind = AgentSource.KindOf(type);
        if (kind is not null)
            foreach (var inherited in type.AllInterfaces)
                bases[inherited.OriginalDefinition] = true;
        var mayBeBase = type.TypeKind == TypeKind.Interface && kind is null;
        if (type.TypeKind == TypeKind.Interface && kind is null or AgentKind.Wrapper)
            Look(type, Prompts, kind is null ? NoAgent : OwnImplementation);
        foreach (var member in type.GetMembers())
        {
            if (member is not IMethodSymbol { MethodKind: not (MethodKind.PropertyGet or MethodKind.PropertySet or MethodKind.EventAdd or MethodKind.EventRemove) } method || Reason(type, method, kind) is not { } why)
                continue;
            Look(method, kind == AgentKind.Wrapper && MemberParser.IsImplemented(method, AgentKind.Wrapper) ? Prompts : OfMethods, why);
            if (kind != AgentKind.Wrapper)
                foreach (var parameter in method.Parameters)
                    Look(parameter, OfParameters, why);
        }

        void Look(ISymbol symbol, string[] attributes, string why)
        {
            foreach (var data in symbol.GetAttributes())
            {
                // [Tools] on what is wrapped is an error already.
                if (!attributes.Any(data.AttributeClass.Is) || (kind == AgentKind.Wrapper && data.AttributeClass.Is(WellKnownNames.ToolsAttribute)))
                    continue;
                var location = data.ApplicationSyntaxReference?.GetSyntax(cancellationToken).GetLocation() ?? symbol.Locations[0];
                var name = data.AttributeClass!.Name;
                var diagnostic = Diagnostic.Create(Descriptor, location, name.EndsWith("Attribute", StringComparison.Ordinal) ? name.Substring(0, name.Length - 9) : name, symbol.Name, why);
                if (mayBeBase)
                    doubtful.Add((type, diagnostic));
                else
                    report(diagnostic);
            }
        }
    }

    /// <summary>Why attributes of a method do nothing; null where they do.</summary>
    private static string? Reason(INamedTypeSymbol type, IMethodSymbol method, AgentKind? kind)
    {
        if (type.TypeKind != TypeKind.Interface)
            return "attributes are read from interfaces; move it to the interface that this implements";
        if (kind is null)
            return NoAgent;
        if (!MemberParser.IsImplemented(method, kind.Value))
            return "a method with a body of its own is left as it is; remove the body or the attribute";
        return kind == AgentKind.Wrapper ? OwnImplementation : null;
    }
}
