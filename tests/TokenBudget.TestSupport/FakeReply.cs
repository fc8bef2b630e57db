using Microsoft.Extensions.AI;

namespace TokenBudget.TestSupport;

/// <summary>One scripted answer of a <see cref="FakeChatClient"/>.</summary>
public sealed record FakeReply
{
    /// <summary>The messages of the answer. A stream sends their texts in pieces.</summary>
    public IReadOnlyList<ChatMessage> Messages { get; init; } = [];

    /// <summary>What the provider reports; none, it reports nothing.</summary>
    public UsageDetails? Usage { get; init; }

    /// <summary>Reported in the middle of a stream besides, as providers do that send a growing usage.</summary>
    public IReadOnlyList<UsageDetails> EarlierUsages { get; init; } = [];

    /// <summary>Why the answer ended.</summary>
    public ChatFinishReason? FinishReason { get; init; } = ChatFinishReason.Stop;

    /// <summary>The model that says it answered.</summary>
    public string? ModelId { get; init; }

    /// <summary>Thrown instead of the answer, or by a stream after <see cref="UpdatesBeforeFailure"/> updates.</summary>
    public Exception? Failure { get; init; }

    /// <summary>How much of a stream arrives before <see cref="Failure"/>.</summary>
    public int UpdatesBeforeFailure { get; init; }

    /// <summary>Thrown by the call that starts a stream, before there is an enumerator.</summary>
    public bool FailsBeforeStreaming { get; init; }

    /// <summary>Awaited before anything is answered.</summary>
    public Task? Gate { get; init; }

    /// <summary>An answer of one text.</summary>
    public static FakeReply Text(string text, long? input = null, long? output = null) => new()
    {
        Messages = [new ChatMessage(ChatRole.Assistant, text)],
        Usage = UsageOf(input, output),
    };

    /// <summary>An answer that calls tools, perhaps after a text.</summary>
    public static FakeReply Calls(string? text, params IEnumerable<FunctionCallContent> calls) => new()
    {
        Messages = [new ChatMessage(ChatRole.Assistant, [.. text is null ? Enumerable.Empty<AIContent>() : [new TextContent(text)], .. calls])],
        FinishReason = ChatFinishReason.ToolCalls,
    };

    /// <summary>A failure instead of an answer.</summary>
    public static FakeReply Fails(Exception exception) => new() { Failure = exception };

    /// <summary>The same answer with a reported usage.</summary>
    public FakeReply With(long? input, long? output) => this with { Usage = UsageOf(input, output) };

    private static UsageDetails? UsageOf(long? input, long? output) =>
        input is null && output is null ? null : new UsageDetails { InputTokenCount = input, OutputTokenCount = output };
}
