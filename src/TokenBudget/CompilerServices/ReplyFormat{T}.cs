using System.ComponentModel;
using Microsoft.Extensions.AI;

namespace TokenBudget.CompilerServices;

/// <summary>How a method's return type is asked for, read from a response, and written back for the response cache. Called by generated code.</summary>
/// <typeparam name="T">The method's result.</typeparam>
[EditorBrowsable(EditorBrowsableState.Never)]
public abstract class ReplyFormat<T>
{
    private protected ReplyFormat()
    {
    }

    /// <summary>The response format to ask the provider for, if any.</summary>
    internal virtual ChatResponseFormat? ResponseFormat => null;

    /// <summary>Reads the result.</summary>
    internal abstract T Read(ChatResponse response);

    /// <summary>The response a result of the user's own implementation stands for.</summary>
    internal abstract ChatResponse Write(T result);
}
