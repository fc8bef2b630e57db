namespace TokenBudget.Generators.Tests.Analyzers;

/// <summary>As much of other libraries as the rules look at.</summary>
internal static class Stubs
{
    public const string SemanticKernel = """
        namespace Microsoft.SemanticKernel
        {
            public class ChatMessageContent { public string? Content { get; set; } }
            public abstract class FunctionChoiceBehavior
            {
                public static FunctionChoiceBehavior Auto(object? functions = null, bool autoInvoke = true) => null!;
                public static FunctionChoiceBehavior Required(object? functions = null, bool autoInvoke = true) => null!;
                public static FunctionChoiceBehavior None() => null!;
            }
            public class PromptExecutionSettings { public FunctionChoiceBehavior? FunctionChoiceBehavior { get; set; } public ToolCallBehavior? ToolCallBehavior { get; set; } }
            public class ToolCallBehavior { public static ToolCallBehavior AutoInvokeKernelFunctions => new(); public static ToolCallBehavior EnableKernelFunctions => new(); }
        }

        namespace Microsoft.SemanticKernel.ChatCompletion
        {
            public class ChatHistory : System.Collections.Generic.List<ChatMessageContent>
            {
                public void AddUserMessage(string text) { }
                public void AddAssistantMessage(string text) { }
            }

            public interface IChatCompletionService
            {
                System.Threading.Tasks.Task<ChatMessageContent> GetChatMessageContentAsync(ChatHistory history);
            }
        }
        """;

    public const string OpenAI = """
        namespace OpenAI.Chat
        {
            public abstract class ChatMessage { }
            public class UserChatMessage(string text) : ChatMessage { public string Text => text; }
            public class ChatClient { public string CompleteChat(System.Collections.Generic.IEnumerable<ChatMessage> messages) => ""; }
        }
        """;

    public const string AgentFramework = """
        namespace Microsoft.Agents.AI
        {
            public abstract class AgentSession { }
            public class AgentResponse { public System.Collections.Generic.IList<Microsoft.Extensions.AI.ChatMessage> Messages { get; set; } = []; }
            public abstract class AIAgent
            {
                public System.Threading.Tasks.Task<AgentResponse> RunAsync(string message, AgentSession? session = null) => null!;
                public System.Threading.Tasks.Task<AgentResponse> RunAsync(System.Collections.Generic.IEnumerable<Microsoft.Extensions.AI.ChatMessage> messages, AgentSession? session = null) => null!;
                public System.Threading.Tasks.ValueTask<AgentSession> CreateSessionAsync() => default;
            }
        }
        """;

    public const string Inference = """
        namespace Azure.AI.Inference
        {
            public class ChatRequestMessage { }
            public class ChatCompletionsOptions { public System.Collections.Generic.IList<ChatRequestMessage> Messages { get; set; } = new System.Collections.Generic.List<ChatRequestMessage>(); }
            public class ChatCompletionsClient { public System.Threading.Tasks.Task<string> CompleteAsync(ChatCompletionsOptions options) => null!; }
        }
        """;

    /// <summary>As much of Microsoft.Extensions.AI's pipeline as the rules look at; only its abstractions are referenced here.</summary>
    public const string Pipeline = """
        #nullable enable
        namespace Microsoft.Extensions.AI
        {
            public sealed class ChatClientBuilder(IChatClient inner) { public IChatClient Build() => inner; }
            public class FunctionInvokingChatClient { public int MaximumIterationsPerRequest { get; set; } }
            public class OpenTelemetryChatClient { public bool EnableSensitiveData { get; set; } }
            public static class BuilderExtensions
            {
                public static ChatClientBuilder AsBuilder(this IChatClient client) => new(client);
                public static ChatClientBuilder UseFunctionInvocation(this ChatClientBuilder builder, object? loggers = null, System.Action<FunctionInvokingChatClient>? configure = null) => builder;
                public static ChatClientBuilder UseDistributedCache(this ChatClientBuilder builder, object? storage = null) => builder;
                public static ChatClientBuilder UseOpenTelemetry(this ChatClientBuilder builder, System.Action<OpenTelemetryChatClient>? configure = null) => builder;
                public static ChatClientBuilder UseLogging(this ChatClientBuilder builder) => builder;
            }
        }
        """;

    /// <summary>What makes a project a server's.</summary>
    public const string Server = "namespace Microsoft.AspNetCore.Http { public class HttpContext; }";

    public const string Reducer = """
        static class Setup { public static object UseChatReducer(object builder) => builder; public static object M() => UseChatReducer(1); }
        """;
}
