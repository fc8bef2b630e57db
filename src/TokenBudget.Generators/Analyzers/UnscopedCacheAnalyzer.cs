using System.Collections.Immutable;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.Diagnostics;
using TokenBudget.Generators.Diagnostics;
using TokenBudget.Generators.Models;
using TokenBudget.Generators.Parsing;

namespace TokenBudget.Generators.Analyzers;

/// <summary>TB0112: a cached method that takes what a user wrote, where nobody says who may share the answers.</summary>
[DiagnosticAnalyzer(LanguageNames.CSharp)]
public sealed class UnscopedCacheAnalyzer : ParsingAnalyzer
{
    private static readonly DiagnosticDescriptor Descriptor = new(
        DiagnosticIds.UnscopedCache,
        "A cached method does not say who may share its answers",
        "'{0}' is cached and takes '{1}', which a user may have written, but nobody says for whom: name the tenant by a [CacheScope] parameter or an ITenantAccessor, or, where the answer is the same for everybody, write [Cached(Scope = CacheScope.Global)]",
        Rule.Agents,
        DiagnosticSeverity.Warning,
        isEnabledByDefault: true,
        "Without a tenant, an answer to what a user wrote is not cached, because it might be shown to another user.",
        Rule.HelpLink(DiagnosticIds.UnscopedCache));

    /// <inheritdoc/>
    public override ImmutableArray<DiagnosticDescriptor> SupportedDiagnostics { get; } = [Descriptor];

    private protected override IParseObserver Observe(INamedTypeSymbol type, SymbolAnalysisContext context) => new Observer(type, context);

    private sealed class Observer(INamedTypeSymbol type, SymbolAnalysisContext context) : IParseObserver
    {
        public void Problem(ISymbol symbol, AttributeData? attribute, string reason)
        {
        }

        public void Call(IMethodSymbol method, CallModel call)
        {
            if (call.ValueOf("Cached") is null || call.ValueOf("CacheScope") == "Global")
                return;
            string? userText = null;
            for (var i = 0; i < call.Signature.Parameters.Count; i++)
            {
                var parameter = call.Signature.Parameters[i];
                if (parameter.Role == ParameterRole.Scope)
                    return;
                if (userText is null && IsUserText(parameter.Role, method.Parameters[i].Type))
                    userText = parameter.Name;
            }

            if (userText is not null && !HasTenantAccessor(context.Compilation.Assembly.GlobalNamespace))
                context.ReportDiagnostic(Diagnostic.Create(Descriptor, LocationOf(type, method), method.Name, userText));
        }

        /// <summary>As the runtime sees it: whatever is not a number or a choice.</summary>
        private static bool IsUserText(ParameterRole role, ITypeSymbol type) => role switch
        {
            ParameterRole.UserMessage or ParameterRole.Message or ParameterRole.Messages or ParameterRole.Content or ParameterRole.Contents
                or ParameterRole.Conversation or ParameterRole.ConversationId => true,
            ParameterRole.PromptValue => !IsPrimitiveOrEnum(type is INamedTypeSymbol { OriginalDefinition.SpecialType: SpecialType.System_Nullable_T } nullable ? nullable.TypeArguments[0] : type),
            _ => false,
        };

        private static bool IsPrimitiveOrEnum(ITypeSymbol type) =>
            type.TypeKind == TypeKind.Enum || type.SpecialType is (>= SpecialType.System_Boolean and <= SpecialType.System_Double and not SpecialType.System_Decimal)
                or SpecialType.System_IntPtr or SpecialType.System_UIntPtr;

        /// <summary>Whether the project has a class that tells the tenant of each call. One of another project is not seen from here.</summary>
        private static bool HasTenantAccessor(INamespaceOrTypeSymbol container)
        {
            foreach (var member in container.GetMembers())
                if (member is INamedTypeSymbol { TypeKind: TypeKind.Class or TypeKind.Struct } type && type.AllInterfaces.Any(static implemented => implemented.Is(WellKnownNames.TenantAccessor))
                    || member is INamespaceOrTypeSymbol inner && HasTenantAccessor(inner))
                    return true;
            return false;
        }
    }
}
