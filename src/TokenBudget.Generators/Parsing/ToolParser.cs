using System.Text;
using Microsoft.CodeAnalysis;
using TokenBudget.Generators.Collections;
using TokenBudget.Generators.Models;
using TokenBudget.Generators.Schemas;

namespace TokenBudget.Generators.Parsing;

/// <summary>Reads a method as a tool: the function <c>AIFunctionFactory</c> makes of it at run time, by reflection.</summary>
internal static class ToolParser
{
    /// <summary>The tool; null, with the problem, when the method cannot be one.</summary>
    /// <param name="method">The method.</param>
    /// <param name="type">The type <c>[Tools]</c> names: the method's own, or one that inherits it.</param>
    /// <param name="hasJsonContext">Whether a context of the user's reads and writes JSON, and so decides what can be.</param>
    /// <param name="problem">What is wrong, or null.</param>
    public static ToolModel? Parse(IMethodSymbol method, INamedTypeSymbol type, bool hasJsonContext, out string? problem)
    {
        var name = $"{method.ContainingType.Name}.{method.Name}";
        problem = null;
        if (method.ReturnsByRef || method.ReturnsByRefReadonly || method.ReturnType.IsRefLikeType || method.ReturnType.Is(WellKnownNames.AsyncEnumerable))
            problem = $"the tool '{name}' must return a value, a Task or a ValueTask";
        problem ??= hasJsonContext ? null : JsonProblem(method, name);
        var schema = Schema(method, name, ref problem);
        if (problem is not null)
            return null;

        var arguments = new List<ParameterModel>();
        foreach (var parameter in method.Parameters)
        {
            var role = parameter.Type.Is(WellKnownNames.CancellationToken) ? ParameterRole.Cancellation : ParameterRole.KeyPart;
            arguments.Add(ParameterParser.Model(parameter, role, withDefault: true));
        }

        var (isAsync, hasResult) = ReturnOf(method);
        return new ToolModel(
            TextOf(method, "System.ComponentModel.DisplayNameAttribute") ?? NameOf(method.Name, isAsync),
            TextOf(method, "System.ComponentModel.DescriptionAttribute") ?? "",
            schema,
            SymbolNames.Escape(method.Name),
            method.IsStatic || type.TypeKind == TypeKind.Interface ? method.ContainingType.WithNullableAnnotation(NullableAnnotation.NotAnnotated).ToCode() : null,
            method.IsStatic,
            isAsync,
            hasResult,
            ResultOf(method)?.ToCode(),
            NeedsApproval(method) || type.HasAttribute(WellKnownNames.ToolApprovalAttribute),
            arguments.ToEquatableArray());
    }

    /// <summary>What the serializer would say at the first call.</summary>
    private static string? JsonProblem(IMethodSymbol method, string name)
    {
        foreach (var parameter in method.Parameters)
            if (!parameter.Type.Is(WellKnownNames.CancellationToken) && JsonTypes.ProblemOf(parameter.Type, JsonDirection.Read) is { } unreadable)
                return $"parameter '{parameter.Name}' of the tool '{name}' is read from JSON, and {unreadable}";
        return ResultOf(method) is { } result && JsonTypes.ProblemOf(result, JsonDirection.Write) is { } unwritable
            ? $"the result of the tool '{name}' is written as JSON, and {unwritable}"
            : null;
    }

    /// <summary>What the model is shown as JSON; null where that is nothing, or a content, which goes to it as it is.</summary>
    private static ITypeSymbol? ResultOf(IMethodSymbol method)
    {
        if (ReturnOf(method) is not { HasResult: true, IsAsync: var isAsync })
            return null;
        var result = isAsync ? ((INamedTypeSymbol)method.ReturnType).TypeArguments[0] : method.ReturnType;
        return result.IsOrDerivesFrom(WellKnownNames.AIContent) || ParameterParser.ItemOf(result).IsOrDerivesFrom(WellKnownNames.AIContent) ? null : result;
    }

    /// <summary>What an attribute says, here or on the method this one overrides.</summary>
    private static string? TextOf(IMethodSymbol method, string attribute)
    {
        for (var level = method; level is not null; level = level.OverriddenMethod)
            if (level.NameArgument(attribute) is { } text)
                return text;
        return null;
    }

    private static bool NeedsApproval(IMethodSymbol method)
    {
        for (var level = method; level is not null; level = level.OverriddenMethod)
            if (level.HasAttribute(WellKnownNames.ToolApprovalAttribute) || level.ContainingType.HasAttribute(WellKnownNames.ToolApprovalAttribute))
                return true;
        return false;
    }

    private static string Schema(IMethodSymbol method, string name, ref string? problem)
    {
        var properties = new StringBuilder();
        var required = new StringBuilder();
        foreach (var parameter in method.Parameters)
        {
            if (parameter.Type.Is(WellKnownNames.CancellationToken))
                continue;
            if (parameter.RefKind != RefKind.None || parameter.Type.IsRefLikeType || JsonSchemaWriter.Of(parameter) is not { } schema)
            {
                problem ??= $"parameter '{parameter.Name}' of the tool '{name}' has no JSON schema at build; take a type of plain properties, or make the tool with AIFunctionFactory and "
                    + "pass it as a parameter";
                continue;
            }

            properties.Append(properties.Length == 0 ? "" : ",").AppendJson(parameter.Name).Append(':').Append(schema);
            if (!parameter.HasExplicitDefaultValue)
                required.Append(required.Length == 0 ? "" : ",").AppendJson(parameter.Name);
        }

        return "{\"type\":\"object\",\"properties\":{" + properties + "}" + (required.Length == 0 ? "" : ",\"required\":[" + required + "]") + "}";
    }

    private static (bool IsAsync, bool HasResult) ReturnOf(IMethodSymbol method) => method.ReturnType switch
    {
        _ when method.ReturnsVoid => (false, false),
        var type when type.Is(WellKnownNames.Task) || type.Is(WellKnownNames.ValueTask) => (true, true),
        var type when type.Is("System.Threading.Tasks.Task") || type.Is("System.Threading.Tasks.ValueTask") => (true, false),
        _ => (false, true),
    };

    private static string NameOf(string method, bool isAsync)
    {
        const string Suffix = "Async";
        return isAsync && method.Length > Suffix.Length && method.EndsWith(Suffix, StringComparison.Ordinal)
            ? method.Substring(0, method.Length - Suffix.Length)
            : method;
    }
}
