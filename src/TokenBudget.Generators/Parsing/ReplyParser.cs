using Microsoft.CodeAnalysis;
using TokenBudget.Generators.Models;
using TokenBudget.Generators.Schemas;

namespace TokenBudget.Generators.Parsing;

/// <summary>Reads what a method returns.</summary>
internal static class ReplyParser
{
    /// <summary>How the return type is made of a response; null when it is none of those that can be.</summary>
    public static (ReplyKind Kind, string Type, bool CanBeNull, string? Schema, bool IsReported, bool IsValueTask)? Parse(IMethodSymbol method)
    {
        if (method.ReturnsByRef || method.ReturnsByRefReadonly || method.ReturnType is not INamedTypeSymbol { TypeArguments: [var result] } type)
            return null;
        if (type.Is(WellKnownNames.AsyncEnumerable))
            return StreamOf(result) is { } stream ? (stream, result.ToCode(), CanBeNull: false, Schema: null, IsReported: false, IsValueTask: false) : null;
        var isValueTask = type.Is(WellKnownNames.ValueTask);
        if (!isValueTask && !type.Is(WellKnownNames.Task))
            return null;

        var isReported = result.Is(WellKnownNames.AgentReply);
        if (isReported)
        {
            if (result is not INamedTypeSymbol { NullableAnnotation: not NullableAnnotation.Annotated, TypeArguments: [var value] })
                return null;
            result = value;
        }

        var canBeNull = result.NullableAnnotation == NullableAnnotation.Annotated && result.IsReferenceType;
        var kind = result switch
        {
            { SpecialType: SpecialType.System_String } => ReplyKind.Text,
            _ when result.Is(WellKnownNames.ChatResponse) => ReplyKind.Response,
            { TypeKind: TypeKind.Enum } => ReplyKind.Enum,
            _ => ReplyKind.Json,
        };
        return (kind, result.ToCode(), canBeNull, kind == ReplyKind.Json ? JsonSchemaWriter.Of(result) : null, isReported, isValueTask);
    }

    private static ReplyKind? StreamOf(ITypeSymbol item) => item switch
    {
        { SpecialType: SpecialType.System_String } => ReplyKind.TextStream,
        _ when item.Is(WellKnownNames.ChatResponseUpdate) => ReplyKind.Stream,
        _ => null,
    };
}
