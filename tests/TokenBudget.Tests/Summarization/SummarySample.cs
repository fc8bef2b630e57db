using Microsoft.Extensions.AI;
using TokenBudget.CompilerServices;
using TokenBudget.Configuration;
using TokenBudget.Conversations;
using TokenBudget.Tests.Calls;
using TokenBudget.Tests.CompilerServices;

namespace TokenBudget.Tests.Summarization;

/// <summary>A model that answers questions at length, and requests for a summary as it is told.</summary>
internal static class SummarySample
{
    public const string LongAnswer = "a long answer of quite a few words that a summary can replace";

    public static readonly TimeSpan Guard = Eventually.Patience;

    public static readonly BudgetSettings Settings = new() { Summarized = true, SummarizeAfterMessages = 4, SummaryMaxWords = 20 };

    public static FakeChatClient Client(FakeReply summary) => Client(_ => summary);

    public static FakeChatClient Client(Func<FakeRequest, FakeReply> summary) => new()
    {
        Otherwise = request => IsForSummary(request) ? summary(request) : FakeReply.Text(LongAnswer),
    };

    public static bool IsForSummary(FakeRequest request) => request.Texts[0].StartsWith("You write the memory", StringComparison.Ordinal);

    /// <summary>What was sent last, but for requests for a summary.</summary>
    public static IReadOnlyList<string> LastSent(this FakeChatClient client) => client.Requests.Last(static request => !IsForSummary(request)).Texts;

    public static List<FakeRequest> ForSummaries(this FakeChatClient client) => [.. client.Requests.Where(IsForSummary)];

    public static async Task TalkAsync(this CallSample sample, AgentMethod method, Conversation conversation, int turns)
    {
        for (var turn = 0; turn < turns; turn++)
        {
            await method.AskAsync(ReplyFormat.Text, $"question {conversation.Version / 2}", conversation).WaitAsync(Guard);
            await sample.Runtime.DrainAsync().WaitAsync(Guard);
        }
    }

    /// <summary>Nobody asks anything for longer than a provider keeps its cache.</summary>
    public static void Pause(this CallSample sample) => sample.Time.Advance(TimeSpan.FromMinutes(6));
}
