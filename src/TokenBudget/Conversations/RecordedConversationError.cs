namespace TokenBudget.Conversations;

/// <summary>A line of a file of recorded conversations that could not be read.</summary>
/// <param name="File">The file, as it was given to the reader.</param>
/// <param name="Line">The line, from 1.</param>
/// <param name="Reason">What is wrong with it, in a sentence.</param>
public sealed record RecordedConversationError(string File, long Line, string Reason)
{
    /// <summary>File, line and reason, as compilers write them.</summary>
    public override string ToString() => FormattableString.Invariant($"{File}({Line}): {Reason}");
}
