using System.Globalization;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp;
using Microsoft.CodeAnalysis.CSharp.Syntax;
using TokenBudget.Generators.Collections;
using TokenBudget.Generators.Models;

namespace TokenBudget.Generators.Parsing;

/// <summary>Reads an attributed interface. The one place where symbols are seen and decisions are made; generator and analyzers share it.</summary>
internal static class AgentParser
{
    private static readonly SymbolDisplayFormat HintFormat = new(
        typeQualificationStyle: SymbolDisplayTypeQualificationStyle.NameAndContainingTypesAndNamespaces);

    /// <summary>The model of an interface, or null where no class can be made of it.</summary>
    /// <param name="type">The interface.</param>
    /// <param name="kind">What to generate.</param>
    /// <param name="assembly">The assembly whose attributes hold for all.</param>
    /// <param name="observer">Hears of problems and methods.</param>
    /// <param name="cancellationToken">Cancels the parse.</param>
    public static AgentModel? Parse(
        INamedTypeSymbol type,
        AgentKind kind,
        IAssemblySymbol assembly,
        IParseObserver observer,
        CancellationToken cancellationToken)
    {
        if (Refusal(type, kind) is { } refusal)
        {
            observer.Problem(type, null, refusal);
            return null;
        }

        var chatAgent = type.Attribute(WellKnownNames.ChatAgentAttribute);
        var shortName = ShortName(type);
        var className = ClassName(type, kind);
        SettingsParser.Validate(type, observer);
        MemberParser.ReportTools(type, kind, observer);

        var jsonContext = JsonContextParser.Parse(type, assembly, observer);
        var members = new MemberParser(type, kind, className, jsonContext is not null, assembly, observer, cancellationToken);
        var experimental = new ExperimentalIds();
        experimental.Add(type);
        foreach (var member in MembersOf(type))
        {
            cancellationToken.ThrowIfCancellationRequested();
            members.Add(member);
            experimental.Add(member);
        }

        return new AgentModel(
            kind,
            type.ContainingNamespace.ToCode(),
            type.ToCode(),
            className,
            TypeParameters.Names(type.TypeParameters),
            TypeParameters.Constraints(type.TypeParameters),
            HintName(type),
            IsPublic(type),
            NameArgument(chatAgent) ?? shortName,
            jsonContext,
            experimental.All,
            members.Members.ToEquatableArray());
    }

    private static string ClassName(INamedTypeSymbol type, AgentKind kind) => kind == AgentKind.Client ? ShortName(type) : "Budgeted" + ShortName(type);

    /// <summary>Whether a type stands where the class would; what is partial becomes a part of it.</summary>
    private static bool IsTaken(INamedTypeSymbol type, string className)
    {
        foreach (var other in type.ContainingNamespace.GetTypeMembers(className, type.Arity))
            foreach (var declaration in other.DeclaringSyntaxReferences)
                if (declaration.GetSyntax() is not ClassDeclarationSyntax { Modifiers: var modifiers } || !modifiers.Any(SyntaxKind.PartialKeyword))
                    return true;
        return false;
    }

    /// <summary>The interface's name without its leading <c>I</c>, behind the names of the types it is nested in.</summary>
    public static string ShortName(INamedTypeSymbol type)
    {
        var name = HasInterfaceName(type.Name) ? type.Name.Substring(1) : type.Name;
        for (var outer = type.ContainingType; outer is not null; outer = outer.ContainingType)
            name = outer.Name + name;
        return name;
    }

    /// <summary>Unique in the project; neither <c>@</c> nor <c>&lt;</c> may be in it.</summary>
    private static string HintName(INamedTypeSymbol type)
    {
        var arity = type.Arity == 0 ? "" : "_" + type.Arity.ToString(CultureInfo.InvariantCulture);
        return type.ToDisplayString(HintFormat) + arity + ".g.cs";
    }

    private static bool IsPublic(INamedTypeSymbol type)
    {
        for (var level = type; level is not null; level = level.ContainingType)
            if (level.DeclaredAccessibility != Accessibility.Public)
                return false;
        return true;
    }

    private static string? Refusal(INamedTypeSymbol type, AgentKind kind)
    {
        for (var level = type; level is not null; level = level.ContainingType)
        {
            if (level.DeclaredAccessibility is not (Accessibility.Public or Accessibility.Internal or Accessibility.ProtectedOrInternal))
                return $"'{level.Name}' cannot be seen from a class beside it; make it internal or public";
            if (level.Arity > 0 && !ReferenceEquals(level, type))
                return $"it is nested in the generic type '{level.Name}'; move it out and give it the type parameters";
        }

        if (type.IsFileLocal)
            return "it is local to its file; make it internal";
        if (kind == AgentKind.Client && !HasInterfaceName(type.Name))
            return "the class is named after the interface without its leading 'I', and this name has none; rename it";
        if (IsTaken(type, ClassName(type, kind)))
            return $"its class would be '{ClassName(type, kind)}', and there is a type of that name; rename one of them{(kind == AgentKind.Client ? ", or, to keep an implementation of your own, replace [ChatAgent] by a budget attribute: then a class around yours is generated" : "")}";
        foreach (var member in MembersOf(type))
        {
            if (member is { IsStatic: true, IsAbstract: true })
                return $"'{member.Name}' is static abstract, and an agent is an object; remove it";
            if (member is IMethodSymbol { IsVararg: true })
                return $"'{member.Name}' takes __arglist; take an array";
            if (MemberParser.IsImplemented(member, kind) && !IsReachable(member, type))
                return $"'{member.Name}' is not public; make it public";
        }

        return null;
    }

    private static bool IsReachable(ISymbol member, INamedTypeSymbol type) => member.DeclaredAccessibility switch
    {
        Accessibility.Public => true,
        Accessibility.Internal => SymbolEqualityComparer.Default.Equals(member.ContainingAssembly, type.ContainingAssembly),
        _ => false,
    };

    private static bool HasInterfaceName(string name) => name.Length > 1 && name[0] == 'I' && char.IsUpper(name[1]);

    private static string? NameArgument(AttributeData? chatAgent)
    {
        if (chatAgent is not null)
            foreach (var argument in chatAgent.NamedArguments)
                if (argument is { Key: "Name", Value: { Kind: TypedConstantKind.Primitive, Value: string { Length: > 0 } name } })
                    return name;
        return null;
    }

    private static IEnumerable<ISymbol> MembersOf(INamedTypeSymbol type)
    {
        foreach (var member in type.GetMembers())
            yield return member;
        foreach (var inherited in type.AllInterfaces)
            foreach (var member in inherited.GetMembers())
                yield return member;
    }
}
