using System.Net;
using Microsoft.Extensions.AI;
using TokenBudget.AspNetCore.Metrics;
using TokenBudget.Conversations;

namespace TokenBudget.AspNetCore.Tests;

public sealed class ConversationMetricsTests
{
    [Fact]
    public async Task Sizes_are_told_and_neither_words_nor_whose_they_are()
    {
        await using var host = await Host.StartAsync();
        var store = host.Runtime.Conversations;
        await store.AppendTurnAsync("canary@example.com", 0, [new CountedMessage(new ChatMessage(ChatRole.User, "canary"), 40), new CountedMessage(new ChatMessage(ChatRole.Assistant, "canary"), 2)]);
        await store.SaveSummaryAsync("canary@example.com", new ConversationSummary("canary", 0, 5, DateTimeOffset.UnixEpoch));

        var answer = await host.GetAsync("/api/conversations?newest=3");

        answer.GetRawText().ShouldNotContain("canary");
        answer.GetProperty("total").GetInt64().ShouldBe(1);
        var only = answer.GetProperty("newest")[0];
        only.GetProperty("key").GetString().ShouldBe(ConversationUse.KeyOf("canary@example.com"));
        only.GetProperty("key").GetString().ShouldBe("785161145e1f08ea");
        (only.GetProperty("messages").GetInt64(), only.GetProperty("tokens").GetInt64(), only.GetProperty("summaryTokens").GetInt64(), only.GetProperty("summarizedMessages").GetInt64())
            .ShouldBe((2, 42, 5, 1));
    }

    [Theory]
    [InlineData("?newest=0")]
    [InlineData("?newest=501")]
    [InlineData("?newest=-1")]
    [InlineData("?newest=1&newest=2")]
    [InlineData("?id=x")]
    public async Task A_number_that_means_nothing_is_refused(string query)
    {
        await using var host = await Host.StartAsync();

        using var response = await host.SendAsync("GET", "/api/conversations" + query);

        response.StatusCode.ShouldBe(HttpStatusCode.BadRequest);
    }
}
