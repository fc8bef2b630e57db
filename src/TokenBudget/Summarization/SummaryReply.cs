using Microsoft.Extensions.AI;

namespace TokenBudget.Summarization;

/// <summary>What the summary model answered: a text to use, or a reason not to.</summary>
/// <param name="Text">The summary; empty when there is a reason against it.</param>
/// <param name="Failure">Why it cannot be used.</param>
internal readonly record struct SummaryReply(string Text, SummaryFailureReason? Failure)
{
    // How models begin when they decline. A summary is a record of what was said and done and does not begin in the first person.
    private static readonly string[] Refusals =
        ["I can't ", "I cannot ", "I can’t ", "I'm sorry", "I’m sorry", "I am sorry", "Sorry, ", "I'm unable", "I’m unable", "I am unable", "I won't ", "I won’t ", "As an AI"];

    public static SummaryReply Of(ChatResponse response)
    {
        var text = response.Text.Trim();
        if (response.FinishReason == ChatFinishReason.Length)
            return new("", SummaryFailureReason.Truncated);
        if (IsRefusal(response, text))
            return new("", SummaryFailureReason.Refused);
        if (text.Length == 0)
            return new("", SummaryFailureReason.Empty);
        // Whatever else ended it (a tool call, a reason we do not know), it did not come to its end.
        return response.FinishReason is null || response.FinishReason == ChatFinishReason.Stop
            ? new(text, null)
            : new("", SummaryFailureReason.Truncated);
    }

    private static bool IsRefusal(ChatResponse response, string text) =>
        response.FinishReason == ChatFinishReason.ContentFilter
        || string.Equals(response.FinishReason?.Value, "refusal", StringComparison.OrdinalIgnoreCase)
        || response.Messages.Any(static message => message.Contents.Any(static content => content is ErrorContent))
        || Refusals.Any(refusal => text.StartsWith(refusal, StringComparison.OrdinalIgnoreCase));
}
