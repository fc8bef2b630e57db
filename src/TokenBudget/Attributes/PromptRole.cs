namespace TokenBudget;

/// <summary>Who speaks a message of a prompt.</summary>
public enum PromptRole
{
    /// <summary>The user.</summary>
    User,

    /// <summary>The model: what it should have answered to the message before.</summary>
    Assistant,
}
