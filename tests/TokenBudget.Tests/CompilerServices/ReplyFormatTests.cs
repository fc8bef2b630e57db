using Microsoft.Extensions.AI;
using TokenBudget.CompilerServices;
using TokenBudget.Configuration;
using TokenBudget.Conversations;
using TokenBudget.Tests.Calls;

namespace TokenBudget.Tests.CompilerServices;

/// <summary>What a reply is read as, and what happens to one that cannot be read.</summary>
public sealed class ReplyFormatTests
{
    private enum Kind
    {
        Bug,
        Question,
        Request,
    }

    private sealed record Answer(string Name, int Count);

    private static ChatResponse Reply(string text) => new(new ChatMessage(ChatRole.Assistant, text));

    [Theory]
    [InlineData("Question")]
    [InlineData(" question.\n")]
    [InlineData("`QUESTION`")]
    [InlineData("\"Question\".")]
    public void An_enum_is_read_by_its_name(string text) => ReplyFormat.Enum<Kind>().Read(Reply(text)).ShouldBe(Kind.Question);

    [Theory]
    [InlineData("1")]
    [InlineData("+1")]
    [InlineData("-1")]
    [InlineData("")]
    [InlineData("Incident")]
    [InlineData("Bug, Question")]
    [InlineData("It is a bug")]
    public void What_is_no_name_of_the_enum_is_unreadable(string text)
    {
        var exception = Should.Throw<UnreadableReplyException>(() => ReplyFormat.Enum<Kind>().Read(Reply(text)));
        exception.Reply.ShouldBe(text);
        exception.Message.ShouldContain("Bug, Question, Request");
    }

    [Fact]
    public void Json_is_read_and_what_is_not_json_is_unreadable()
    {
        var format = ReplyFormat.Json<Answer>();
        format.Read(Reply("""{"name":"x","count":2}""")).ShouldBe(new Answer("x", 2));
        foreach (var text in new[] { "", "null", "sure: {}", """{"name":"x","count":"many"}""" })
            Should.Throw<UnreadableReplyException>(() => format.Read(Reply(text))).Reply.ShouldBe(text);
        format.Read(format.Write(new Answer("y", 3))).ShouldBe(new Answer("y", 3));
        ReplyFormat.Enum<Kind>().Read(ReplyFormat.Enum<Kind>().Write(Kind.Bug)).ShouldBe(Kind.Bug);
    }

    [Fact]
    public async Task What_a_model_says_before_its_tools_is_not_the_answer()
    {
        await using var sample = new CallSample();
        var options = new ChatOptions { Tools = [AIFunctionFactory.Create(static () => "sunny", "weather")] };
        FakeReply[] script = [FakeReply.Calls("Let me look.", Agent.Call("1", "weather")), FakeReply.Text("""{"name":"sun","count":1}""")];
        (await sample.Bind(new FakeChatClient(script)).AskAsync(ReplyFormat.Json<Answer>(), "q", options: options)).ShouldBe(new Answer("sun", 1));
        script[1] = FakeReply.Text("Bug");
        (await sample.Bind(new FakeChatClient(script)).AskAsync(ReplyFormat.Enum<Kind>(), "q", options: options)).ShouldBe(Kind.Bug);
        (await sample.Bind(new FakeChatClient(script)).AskAsync(ReplyFormat.Text, "q", options: options)).ShouldBe("Bug");
    }

    [Fact]
    public async Task An_unreadable_reply_is_paid_and_neither_kept_nor_appended()
    {
        await using var sample = new CallSample();
        var fake = new FakeChatClient(FakeReply.Text("hm", 10, 1), FakeReply.Text("Bug", 10, 1));
        var method = sample.Bind(fake, new BudgetSettings { Cached = true, CacheScope = CacheScope.Global });
        await Should.ThrowAsync<UnreadableReplyException>(() => method.AskAsync(ReplyFormat.Enum<Kind>(), "q"));
        (await method.AskAsync(ReplyFormat.Enum<Kind>(), "q")).ShouldBe(Kind.Bug);
        (await sample.LinesAsync()).Count.ShouldBe(2);

        var conversation = new Conversation();
        fake.Add(FakeReply.Text("hm"));
        await Should.ThrowAsync<UnreadableReplyException>(() => sample.Bind(fake).AskAsync(ReplyFormat.Enum<Kind>(), "q", conversation));
        conversation.Messages.ShouldBeEmpty();
    }
}
