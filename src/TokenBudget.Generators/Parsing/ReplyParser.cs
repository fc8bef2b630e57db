using Microsoft.CodeAnalysis;
using TokenBudget.Generators.Models;
using TokenBudget.Generators.Schemas;

namespace TokenBudget.Generators.Parsing;

/// <summary>Reads what a method returns.</summary>
internal static class ReplyParser
{
    private const string Unknown =
        "it must return Task<T> or ValueTask<T> (string, ChatResponse, an enum, a type read from JSON, or AgentReply of one of them), or IAsyncEnumerable of ChatResponseUpdate or string";

    /// <summary>How the return type is made of a response; null, with the problem, when it cannot be.</summary>
    /// <param name="method">The method.</param>
    /// <param name="json">What is done with a value of it.</param>
    /// <param name="hasJsonContext">Whether a context of the user's reads it, and so decides what can be read.</param>
    /// <param name="problem">What is wrong, or null.</param>
    public static (ReplyKind Kind, string Type, bool CanBeNull, string? Schema, bool IsReported, bool IsValueTask)? Parse(
        IMethodSymbol method, JsonDirection json, bool hasJsonContext, out string? problem)
    {
        problem = Unknown;
        if (method.ReturnsByRef || method.ReturnsByRefReadonly || method.ReturnType is not INamedTypeSymbol { TypeArguments: [var result] } type)
            return null;
        if (type.Is(WellKnownNames.AsyncEnumerable))
        {
            problem = StreamOf(result) is null ? Unknown : null;
            return StreamOf(result) is { } stream ? (stream, result.ToCode(), CanBeNull: false, Schema: null, IsReported: false, IsValueTask: false) : null;
        }

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
        problem = kind == ReplyKind.Json && !hasJsonContext && JsonTypes.ProblemOf(result, json) is { } unreadable ? $"its answer is JSON, and {unreadable}" : null;
        return problem is not null ? null : (kind, result.ToCode(), canBeNull, kind == ReplyKind.Json ? JsonSchemaWriter.Of(result) : null, isReported, isValueTask);
    }

    private static ReplyKind? StreamOf(ITypeSymbol item) => item switch
    {
        { SpecialType: SpecialType.System_String } => ReplyKind.TextStream,
        _ when item.Is(WellKnownNames.ChatResponseUpdate) => ReplyKind.Stream,
        _ => null,
    };
}
