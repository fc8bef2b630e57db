using Microsoft.Extensions.AI;
using TokenBudget.Calls;

namespace TokenBudget.CompilerServices;

/// <summary>Reads a result as another format does, and puts what the call took beside it.</summary>
internal sealed class ReportedReply<T>(ReplyFormat<T> format, AgentRequest request, CallReport report) : ReplyFormat<AgentReply<T>>
{
    internal override ChatResponseFormat? ResponseFormat => format.ResponseFormat;

    internal override AgentReply<T> Read(ChatResponse response) =>
        report.ToReply(format.Read(response), response) with { IsSummarized = request.Start?.Sent is not null };

    internal override ChatResponse Write(AgentReply<T> result) => format.Write(result.Value);
}
