namespace TokenBudget.Generators.Tests.Analyzers;

/// <summary>As much of other libraries as the rules look at.</summary>
internal static class Stubs
{
    public const string SemanticKernel = """
        namespace Microsoft.SemanticKernel
        {
            public class ChatMessageContent { public string? Content { get; set; } }
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

    public const string Reducer = """
        static class Setup { public static object UseChatReducer(object builder) => builder; public static object M() => UseChatReducer(1); }
        """;
}
