using System.Collections.Immutable;
using TokenBudget.Generators.Analyzers.Agents;
using TokenBudget.Generators.Models;

namespace TokenBudget.Generators.Analyzers;

/// <summary>TB0112: a cached method that takes what a user wrote, where nobody says who may share the answers.</summary>
[DiagnosticAnalyzer(LanguageNames.CSharp)]
public sealed class UnscopedCacheAnalyzer : CallAnalyzer
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

    private protected override void Check(CallReading call, Action<Diagnostic> report, CancellationToken cancellationToken)
    {
        if (call.Call.Setting("Cached") is null || call.Call.Setting("CacheScope") == "Global")
            return;
        string? userText = null;
        for (var i = 0; i < call.Method.Parameters.Length; i++)
        {
            var parameter = call.Call.Signature.Parameters[i];
            if (parameter.Role == ParameterRole.Scope)
                return;
            if (userText is null && IsUserText(parameter.Role, call.Method.Parameters[i].Type))
                userText = parameter.Name;
        }

        if (userText is not null && !call.Project.HasTenantAccessor)
            report(Diagnostic.Create(Descriptor, call.Location, call.Method.Name, userText));
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
}
