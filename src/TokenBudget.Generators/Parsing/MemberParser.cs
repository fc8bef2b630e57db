using Microsoft.CodeAnalysis;
using TokenBudget.Generators.Models;

namespace TokenBudget.Generators.Parsing;

/// <summary>Decides what becomes of each member of an interface: called through the budget, forwarded, or refused.</summary>
internal sealed class MemberParser(
    INamedTypeSymbol type, AgentKind kind, string className, bool hasJsonContext, IAssemblySymbol assembly, IParseObserver observer, CancellationToken cancellationToken)
{
    /// <summary>A class has these already; a member of the same name would hide them.</summary>
    private static readonly HashSet<string> ObjectMembers = ["Equals", "Finalize", "GetHashCode", "GetType", "MemberwiseClone", "ToString"];

    private readonly List<MemberModel> _members = [];
    private readonly Dictionary<string, ISymbol> _public = [];
    private readonly ToolSetParser _tools = new(assembly, hasJsonContext, cancellationToken);

    public IReadOnlyList<MemberModel> Members => _members;

    /// <summary>Whether the class has the member. A client keeps a default implementation; a wrapper passes it on: the wrapped class may have its own.</summary>
    public static bool IsImplemented(ISymbol member, AgentKind kind) =>
        !member.IsStatic && (member.IsAbstract || (kind == AgentKind.Wrapper && member.IsVirtual));

    public void Add(ISymbol member)
    {
        if (!IsImplemented(member, kind))
            return;
        switch (member)
        {
            case IMethodSymbol { MethodKind: MethodKind.Ordinary } method:
                AddMethod(method);
                break;
            case IPropertySymbol property:
                AddProperty(property);
                break;
            case IEventSymbol @event:
                AddEvent(@event);
                break;
        }
    }

    private void AddMethod(IMethodSymbol method)
    {
        var place = PlaceOf(method);
        if (place.IsTaken)
            return;

        IReadOnlyList<ISymbol> levels = SymbolEqualityComparer.Default.Equals(method.ContainingType, type)
            ? [method, type, assembly]
            : [method, type, method.ContainingType, assembly];
        var settings = SettingsParser.Merge(levels);
        SettingsParser.Validate(method, observer);

        ReportTools(method, kind, observer);

        var parser = new CallParser(method, kind, hasJsonContext, _tools, observer);
        var isBudgeted = kind == AgentKind.Client || settings.Count > 0;
        string? problem = null;
        if (isBudgeted && parser.Parse(type, settings, SystemPromptOf(method), place.ExplicitInterface, place.InnerInterface, out problem) is { } call)
        {
            _members.Add(call);
            observer.Call(method, call);
        }
        else if (kind == AgentKind.Wrapper && (problem is null || !IsMarked(method)))
        {
            // What the whole interface is given does not reach a method it cannot fit; what the method itself is given must.
            if (problem is not null)
                observer.Forwarded(method, problem);
            var signature = parser.Signature(isExplicit: place.ExplicitInterface is not null);
            _members.Add(new ForwardedMethodModel(signature, place.ExplicitInterface, place.InnerInterface));
        }
        else
        {
            observer.Problem(method, null, problem!);
            _members.Add(new RefusedMethodModel(parser.Signature(isExplicit: true), method.ContainingType.ToCode()));
        }
    }

    private void AddProperty(IPropertySymbol property)
    {
        ReportUnlessWrapper(property, "a property");
        var place = PlaceOf(property);
        if (place.IsTaken)
            return;
        _members.Add(new PropertyModel(
            property.IsIndexer ? "this" : SymbolNames.Escape(property.Name),
            RefPrefix(property.RefKind) + property.Type.ToCode(),
            property.RefKind != RefKind.None,
            ParameterParser.Signature(property.Parameters, withDefaults: place.ExplicitInterface is null),
            HasGetter: property.GetMethod is not null,
            Setter: property.SetMethod switch { null => null, { IsInitOnly: true } => "init", _ => "set" },
            place.ExplicitInterface,
            place.InnerInterface));
    }

    private void AddEvent(IEventSymbol @event)
    {
        ReportUnlessWrapper(@event, "an event");
        var place = PlaceOf(@event);
        if (place.IsTaken)
            return;
        _members.Add(new EventModel(SymbolNames.Escape(@event.Name), @event.Type.ToCode(), place.ExplicitInterface, place.InnerInterface));
    }

    /// <summary>Reports a member an agent cannot have. It is still added, and throws, so that the class compiles.</summary>
    private void ReportUnlessWrapper(ISymbol member, string what)
    {
        if (kind == AgentKind.Client)
            observer.Problem(member, null, $"an agent has methods only, and this is {what}; give it a default implementation or remove it");
    }

    /// <summary>Reports tools given to what the user implements: nobody would run them.</summary>
    public static void ReportTools(ISymbol level, AgentKind kind, IParseObserver observer)
    {
        if (kind == AgentKind.Wrapper && level.Attribute(WellKnownNames.ToolsAttribute) is { } attribute)
            observer.Problem(level, attribute, "your own implementation brings its tools; remove [Tools]");
    }

    private static bool IsMarked(ISymbol member)
    {
        foreach (var schema in SettingSchema.All)
            if (member.Attribute(schema.Attribute) is not null)
                return true;
        return false;
    }

    private PromptSource? SystemPromptOf(IMethodSymbol method)
    {
        if (kind == AgentKind.Wrapper)
            return null;
        var attribute = method.Attribute(WellKnownNames.SystemPromptAttribute)
            ?? type.Attribute(WellKnownNames.SystemPromptAttribute)
            ?? method.ContainingType.Attribute(WellKnownNames.SystemPromptAttribute);
        return CallParser.SourceOf(attribute);
    }

    /// <summary>Where a member goes: public, or explicit where its name is not free in the class; nowhere if an equal one is there already.</summary>
    private (string? ExplicitInterface, string? InnerInterface, bool IsTaken) PlaceOf(ISymbol member)
    {
        var declaring = member.ContainingType.ToCode();
        var isOwn = SymbolEqualityComparer.Default.Equals(member.ContainingType, type);
        var inner = isOwn ? null : declaring;
        var isExplicit = (kind == AgentKind.Client && member is not IMethodSymbol)
            || member.Name == className
            || ObjectMembers.Contains(member.Name)
            || member.DeclaredAccessibility != Accessibility.Public;

        // Methods share a name as long as their parameters differ; anything else owns it.
        var key = member is IMethodSymbol or IPropertySymbol { IsIndexer: true } ? ParameterParser.Key(member) : member.Name;
        if (!isExplicit && _public.TryGetValue(member.Name, out var other) && other.Kind != member.Kind)
            isExplicit = true;
        if (!isExplicit && _public.TryGetValue(key, out other))
        {
            if (IsSameResult(member, other))
                return (null, inner, IsTaken: true);
            isExplicit = true;
        }

        if (isExplicit)
            return (declaring, inner, IsTaken: false);
        _public[key] = member;
        _public[member.Name] = member;
        return (null, inner, IsTaken: false);
    }

    private static bool IsSameResult(ISymbol one, ISymbol other) => (one, other) switch
    {
        (IMethodSymbol a, IMethodSymbol b) => a.RefKind == b.RefKind && SymbolEqualityComparer.Default.Equals(a.ReturnType, b.ReturnType),
        _ => false,
    };

    private static string RefPrefix(RefKind refKind) => refKind switch
    {
        RefKind.Ref => "ref ",
        RefKind.RefReadOnly => "ref readonly ",
        _ => "",
    };
}
