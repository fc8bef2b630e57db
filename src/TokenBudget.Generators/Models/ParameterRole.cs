namespace TokenBudget.Generators.Models;

/// <summary>What a call does with a parameter.</summary>
internal enum ParameterRole
{
    /// <summary>Part of the cache key and of nothing else.</summary>
    KeyPart,

    /// <summary>Left out of the cache key by the user's word.</summary>
    Ignored,

    /// <summary>A value inside the prompt.</summary>
    PromptValue,

    /// <summary>The whole user message.</summary>
    UserMessage,

    /// <summary>A content of the user message: an image, a file.</summary>
    Content,

    /// <summary>A list of contents.</summary>
    Contents,

    /// <summary>One message of the turn.</summary>
    Message,

    /// <summary>A list of tools.</summary>
    Tools,

    /// <summary>A list of messages.</summary>
    Messages,

    /// <summary>The conversation the call continues.</summary>
    Conversation,

    /// <summary>The id of the conversation the call continues.</summary>
    ConversationId,

    /// <summary>The caller's chat options.</summary>
    Options,

    /// <summary>The tenant.</summary>
    Scope,

    /// <summary>The token that cancels the call.</summary>
    Cancellation,
}
