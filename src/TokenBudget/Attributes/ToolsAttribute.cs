namespace TokenBudget;

/// <summary>
/// Gives a method, or every method of an interface, the public methods of a type as tools. Their functions and JSON schemas are written at build, so no
/// reflection looks for them, and their tokens are counted into the fixed part of a call.
/// </summary>
/// <remarks>
/// A tool is called what its method is called, without <c>Async</c> at its end, or what <c>[DisplayName]</c> says; <c>[Description]</c> on methods and parameters
/// is sent to the model. Left out: generic and inherited-from-<see cref="object"/> methods, properties, <c>Dispose</c>. A type that is no static class becomes a parameter of the generated
/// class's constructor, and its instance serves all calls: it must allow several at once.
/// </remarks>
/// <param name="type">The type: a class, static or not, or an interface.</param>
[AttributeUsage(AttributeTargets.Method | AttributeTargets.Interface, AllowMultiple = true)]
public sealed class ToolsAttribute(Type type) : Attribute
{
    /// <summary>The type whose public methods are tools.</summary>
    public Type Type { get; } = type;
}
