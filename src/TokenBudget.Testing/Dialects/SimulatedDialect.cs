namespace TokenBudget.Testing;

/// <summary>The language of an endpoint.</summary>
public enum SimulatedDialect
{
    /// <summary>Anthropic's Messages: <c>POST /v1/messages</c>.</summary>
    Anthropic,

    /// <summary>OpenAI's Chat Completions: <c>POST /v1/chat/completions</c>, and Azure's path with the deployment in it.</summary>
    OpenAI,
}
