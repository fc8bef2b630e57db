using System.Text;
using TokenBudget.Generators.Models;

namespace TokenBudget.Generators.Emission;

/// <summary>Writes one member of the class.</summary>
internal static class MemberEmitter
{
    public static void Emit(SourceWriter writer, AgentModel model, MemberModel member, ClassNames names, ClassFacts facts)
    {
        writer.Line("/// <inheritdoc/>");
        var inner = member.InnerInterface is { } declaring ? $"(({declaring}){names.Inner})" : $"{names.Inner}";
        switch (member)
        {
            case CallModel call when model.Kind == AgentKind.Client:
                ClientCallEmitter.Emit(writer, call, names, facts);
                break;
            case CallModel call:
                WrapperCallEmitter.Emit(writer, model, call, names, facts);
                break;
            case ForwardedMethodModel method:
                writer.Line($"{Header(method.Signature, method.ExplicitInterface)} => {Forward(method.Signature, inner)};");
                break;
            case RefusedMethodModel method:
                writer.Open(Header(method.Signature, method.ExplicitInterface));
                writer.Line(Refusal($"{method.ExplicitInterface}.{method.Signature.Name}") + ";");
                writer.Close();
                break;
            case PropertyModel property:
                EmitProperty(writer, model, property, model.Kind == AgentKind.Client ? null : inner);
                break;
            case EventModel @event:
                EmitEvent(writer, @event, model.Kind == AgentKind.Client ? null : inner);
                break;
        }
    }

    /// <summary>A method up to its body.</summary>
    public static string Header(SignatureModel signature, string? explicitInterface)
    {
        var typeParameters = signature.TypeParameters.Count == 0 ? "" : $"<{string.Join(", ", signature.TypeParameters)}>";
        return $"{Modifiers(explicitInterface)}{Unsafe(signature.ReturnType, signature.Parameters)}{signature.ReturnType} {Qualified(signature.Name, explicitInterface)}{typeParameters}"
            + $"({Parameters(signature.Parameters)}){signature.Constraints}";
    }

    public static string Identifier(ParameterModel parameter) => Parsing.SymbolNames.Escape(parameter.Name);

    /// <summary>A call of the same method on another object.</summary>
    public static string Forward(SignatureModel signature, string inner)
    {
        var typeArguments = signature.TypeParameters.Count == 0 ? "" : $"<{string.Join(", ", signature.TypeParameters)}>";
        return $"{(signature.ReturnsByRef ? "ref " : "")}{inner}.{signature.Name}{typeArguments}({Arguments(signature.Parameters)})";
    }

    private static void EmitProperty(SourceWriter writer, AgentModel model, PropertyModel property, string? inner)
    {
        var isIndexer = property.Parameters.Count > 0;
        var parameters = isIndexer ? $"[{Parameters(property.Parameters)}]" : "";
        var target = isIndexer ? $"{inner}[{Arguments(property.Parameters)}]" : $"{inner}.{property.Name}";
        var refusal = Refusal($"{property.ExplicitInterface ?? model.Interface}.{property.Name}");
        writer.Open($"{Modifiers(property.ExplicitInterface)}{Unsafe(property.Type, property.Parameters)}{property.Type} {Qualified(property.Name, property.ExplicitInterface)}{parameters}");
        if (property.HasGetter)
            writer.Line(inner is null ? $"get {{ {refusal}; }}" : $"get => {(property.ReturnsByRef ? "ref " : "")}{target};");
        if (property.Setter is { } setter)
        {
            // What can be set only while an object is made cannot be passed on to one that is made already.
            writer.Line(inner is null || setter == "init" ? $"{setter} {{ {refusal}; }}" : $"{setter} => {target} = value;");
        }

        writer.Close();
    }

    private static void EmitEvent(SourceWriter writer, EventModel @event, string? inner)
    {
        writer.Open($"{Modifiers(@event.ExplicitInterface)}event {@event.Type} {Qualified(@event.Name, @event.ExplicitInterface)}");
        var refusal = Refusal($"{@event.ExplicitInterface}.{@event.Name}");
        writer.Line(inner is null ? $"add {{ {refusal}; }}" : $"add => {inner}.{@event.Name} += value;");
        writer.Line(inner is null ? $"remove {{ {refusal}; }}" : $"remove => {inner}.{@event.Name} -= value;");
        writer.Close();
    }

    private static string Refusal(string member) =>
        $"throw new {Names.NotSupported}({PolicyEmitter.Quote($"{member.Replace("global::", "")} cannot be generated; see TB0100.")})";

    private static string Modifiers(string? explicitInterface) => explicitInterface is null ? "public " : "";

    /// <summary>Nothing but a pointer has a star in its name.</summary>
    private static string Unsafe(string type, IEnumerable<ParameterModel> parameters) =>
        type.Contains("*") || parameters.Any(static parameter => parameter.Type.Contains("*")) ? "unsafe " : "";

    private static string Qualified(string name, string? explicitInterface) =>
        explicitInterface is null ? name : $"{explicitInterface}.{name}";

    private static string Parameters(IEnumerable<ParameterModel> parameters)
    {
        var text = new StringBuilder();
        foreach (var parameter in parameters)
        {
            if (text.Length > 0)
                text.Append(", ");
            if (parameter.IsParams)
                text.Append("params ");
            if (parameter.RefKind.Length > 0)
                text.Append(parameter.RefKind).Append(' ');
            text.Append(parameter.Type).Append(' ').Append(Identifier(parameter));
            if (parameter.DefaultValue is { } value)
                text.Append(" = ").Append(value);
        }

        return text.ToString();
    }

    private static string Arguments(IEnumerable<ParameterModel> parameters)
    {
        var text = new StringBuilder();
        foreach (var parameter in parameters)
        {
            if (text.Length > 0)
                text.Append(", ");
            if (parameter.RefKind.Length > 0)
                text.Append(parameter.RefKind == "ref readonly" ? "in" : parameter.RefKind).Append(' ');
            text.Append(Identifier(parameter));
        }

        return text.ToString();
    }
}
