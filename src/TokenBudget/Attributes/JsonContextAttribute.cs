namespace TokenBudget;

/// <summary>
/// Names the source-generated <c>JsonSerializerContext</c> that knows the types of replies, of tools' parameters and results and of the parts of cache keys, so that nothing is read or written by reflection: for
/// trimmed and native-AOT programs. Without it reflection serves where it is allowed.
/// </summary>
/// <remarks>Property names and number handling are those of <c>AIJsonUtilities.DefaultOptions</c>, whatever the context's own options say: the schemas written at build are made for them.</remarks>
/// <param name="context">The context: a class with a static <c>Default</c>, as the compiler writes it for <c>[JsonSerializable]</c>.</param>
[AttributeUsage(AttributeTargets.Interface | AttributeTargets.Assembly)]
public sealed class JsonContextAttribute(Type context) : Attribute
{
    /// <summary>The context.</summary>
    public Type Context { get; } = context;
}
