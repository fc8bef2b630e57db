namespace TokenBudget.Sharing;

/// <summary>Something one process tells the others.</summary>
/// <param name="Sender">The process.</param>
/// <param name="Topic">What it is about; 1 to <see cref="MaxTopicLength"/> characters.</param>
/// <param name="Content">What it says; at most <see cref="MaxContentLength"/> characters.</param>
public sealed record BackplaneMessage(Guid Sender, string Topic, string Content)
{
    /// <summary>The most characters of a topic: 64.</summary>
    public const int MaxTopicLength = 64;

    /// <summary>The most characters of a content: 16,384.</summary>
    public const int MaxContentLength = 16_384;

    /// <summary>Stands where messages may have been missed: whoever finds it looks at what the messages would have told of.</summary>
    public static BackplaneMessage Gap { get; } = new(Guid.Empty, string.Empty, string.Empty) { Id = Guid.Empty };

    /// <summary>What the message is known by: published twice, it is one message.</summary>
    public Guid Id { get; init; } = Guid.NewGuid();

    /// <summary>Whether it is the <see cref="Gap"/>, which is no message.</summary>
    public bool IsGap => Topic.Length == 0;

    /// <summary>Refuses what no backplane takes.</summary>
    /// <exception cref="ArgumentException">The topic is empty or too long, or the content is too long.</exception>
    public void Validate()
    {
        if (Topic.Length is 0 or > MaxTopicLength)
            throw new ArgumentException($"A topic has 1 to {MaxTopicLength} characters, not {Topic.Length}.", nameof(Topic));
        if (Content.Length > MaxContentLength)
            throw new ArgumentException($"A content has at most {MaxContentLength} characters, not {Content.Length}.", nameof(Content));
    }
}
