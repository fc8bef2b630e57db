using System.ComponentModel;
using System.Text.Json;
using Microsoft.Extensions.AI;
using TokenBudget.Caching;

namespace TokenBudget.CompilerServices;

/// <summary>A tool whose declaration and call were written at build. Called by generated code.</summary>
/// <remarks>Thread-safe if what it calls is.</remarks>
[EditorBrowsable(EditorBrowsableState.Never)]
public sealed class ToolFunction : AIFunction
{
    private readonly Func<AIFunctionArguments, CancellationToken, ValueTask<object?>> _call;

    /// <summary>Makes a tool.</summary>
    /// <param name="name">What the model calls it.</param>
    /// <param name="description">What the model is told of it; may be empty.</param>
    /// <param name="schema">The JSON schema of its parameters.</param>
    /// <param name="call">Reads the arguments and calls the method.</param>
    public ToolFunction(string name, string description, string schema, Func<AIFunctionArguments, CancellationToken, ValueTask<object?>> call)
    {
        Name = name;
        Description = description;
        JsonSchema = JsonElement.Parse(schema);
        _call = call;
    }

    /// <inheritdoc/>
    public override string Name { get; }

    /// <inheritdoc/>
    public override string Description { get; }

    /// <inheritdoc/>
    public override JsonElement JsonSchema { get; }

    /// <summary>An argument the model must give.</summary>
    /// <param name="arguments">What the model gave.</param>
    /// <param name="name">The parameter's name.</param>
    /// <typeparam name="T">The parameter's type.</typeparam>
    /// <exception cref="ArgumentException">It is missing.</exception>
    /// <exception cref="JsonException">It is of another type.</exception>
    public static T Argument<T>(AIFunctionArguments arguments, string name) => Argument<T>(UsualJson.Options, arguments, name);

    /// <summary>An argument the model must give.</summary>
    /// <param name="json">How it is read.</param>
    /// <param name="arguments">What the model gave.</param>
    /// <param name="name">The parameter's name.</param>
    /// <typeparam name="T">The parameter's type.</typeparam>
    /// <exception cref="ArgumentException">It is missing.</exception>
    /// <exception cref="JsonException">It is of another type.</exception>
    public static T Argument<T>(JsonSerializerOptions json, AIFunctionArguments arguments, string name)
    {
        ArgumentNullException.ThrowIfNull(json);
        ArgumentNullException.ThrowIfNull(arguments);
        return arguments.TryGetValue(name, out var value) ? ToolArgument.Read<T>(value, json) : throw new ArgumentException($"The argument '{name}' is missing.", nameof(arguments));
    }

    /// <summary>An argument the model may leave out.</summary>
    /// <param name="arguments">What the model gave.</param>
    /// <param name="name">The parameter's name.</param>
    /// <param name="otherwise">Its default value.</param>
    /// <typeparam name="T">The parameter's type.</typeparam>
    /// <exception cref="JsonException">It is of another type.</exception>
    public static T Argument<T>(AIFunctionArguments arguments, string name, T otherwise) => Argument(UsualJson.Options, arguments, name, otherwise);

    /// <summary>An argument the model may leave out.</summary>
    /// <param name="json">How it is read.</param>
    /// <param name="arguments">What the model gave.</param>
    /// <param name="name">The parameter's name.</param>
    /// <param name="otherwise">Its default value.</param>
    /// <typeparam name="T">The parameter's type.</typeparam>
    /// <exception cref="JsonException">It is of another type.</exception>
    public static T Argument<T>(JsonSerializerOptions json, AIFunctionArguments arguments, string name, T otherwise)
    {
        ArgumentNullException.ThrowIfNull(json);
        ArgumentNullException.ThrowIfNull(arguments);
        return arguments.TryGetValue(name, out var value) ? ToolArgument.Read<T>(value, json) : otherwise;
    }

    /// <summary>What the model is shown of a result: text and contents as they are, anything else as JSON.</summary>
    /// <param name="result">The method's result.</param>
    /// <typeparam name="T">Its type.</typeparam>
    public static object? Result<T>(T result) => Result(UsualJson.Options, result);

    /// <summary>What the model is shown of a result: text and contents as they are, anything else as JSON.</summary>
    /// <param name="json">How it is written.</param>
    /// <param name="result">The method's result.</param>
    /// <typeparam name="T">Its type.</typeparam>
    public static object? Result<T>(JsonSerializerOptions json, T result) => result switch
    {
        null => null,
        // Text in quotes with its line ends escaped would cost tokens and say no more.
        string or AIContent or IEnumerable<AIContent> or JsonElement => result,
        _ => JsonSerializer.SerializeToElement(result, json.GetTypeInfo(typeof(T))),
    };

    /// <inheritdoc/>
    protected override ValueTask<object?> InvokeCoreAsync(AIFunctionArguments arguments, CancellationToken cancellationToken) => _call(arguments, cancellationToken);
}
