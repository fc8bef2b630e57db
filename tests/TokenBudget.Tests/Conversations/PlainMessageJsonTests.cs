using System.Text;
using System.Text.Json;
using FsCheck;
using FsCheck.Fluent;
using Microsoft.Extensions.AI;
using TokenBudget.Conversations;

namespace TokenBudget.Tests.Conversations;

/// <summary>Whatever the bytes are, they are the message that the serializer makes of them.</summary>
public sealed class PlainMessageJsonTests
{
    private static readonly ChatRole[] Roles = [ChatRole.User, ChatRole.Assistant, ChatRole.System, ChatRole.Tool, new("developer")];

    [Fact]
    public void Texts_of_any_letters_are_the_same() => Prop.ForAll(
        ArbMap.Default.ArbFor<string?[]>(),
        ArbMap.Default.ArbFor<byte>(),
        static (texts, role) =>
        {
            var message = new ChatMessage(Roles[role % Roles.Length], [.. texts.Select(static text => new TextContent(text))]);
            Same(Encoding.UTF8.GetBytes(ChatMessageJson.Write(message)));
        }).QuickCheckThrowOnFailure();

    [Theory]
    [InlineData("plain")]
    [InlineData("\"quoted\" \\ / \b\f\n\r\t")]
    [InlineData("\ud800 alone, and a pair 🙂")]
    [InlineData("\0\u0001\u2028")]
    [InlineData("\\u0041")]
    public void Texts_that_storage_likes_to_spoil_are_the_same(string text)
    {
        var json = ChatMessageJson.Write(new ChatMessage(ChatRole.User, text));
        Same(Encoding.UTF8.GetBytes(json));
        ChatMessageJson.Read(Encoding.UTF8.GetBytes(json)).Text.ShouldBe(text);
    }

    [Fact]
    public void The_plain_reader_takes_what_is_plain()
    {
        var message = new ChatMessage(ChatRole.Assistant, [new TextContent("a\n"), new TextContent("é")]);
        PlainMessageJson.TryRead(Encoding.UTF8.GetBytes(ChatMessageJson.Write(message))).ShouldNotBeNull().Text.ShouldBe("a\né");
    }

    [Theory]
    [InlineData("""{"contents":[{"$type":"text","text":"x"}],"role":"user"}""")]
    [InlineData("""{"role":"user","contents":[{"text":"x","$type":"text"}]}""")]
    [InlineData("""{"role":"user","contents":[{"$type":"text","text":"x","additionalProperties":{"a":1}}]}""")]
    [InlineData("""{"role":"user","contents":[{"$type":"text","text":null}]}""")]
    [InlineData("""{"role":"user","contents":[{"$type":"reasoning","text":"x"}]}""")]
    [InlineData("""{"role":"user","contents":[],"messageId":"m"}""")]
    [InlineData("""{"authorName":"Ann","role":"user","contents":[]}""")]
    [InlineData("""{"role":"us\u0065r","contents":[]}""")]
    [InlineData("""{"role":"user","contents":[{"$type":"text","text":"x"}]} {}""")]
    [InlineData("""{"role":"user","contents":[{"$type":"text","text":"x"}""")]
    [InlineData("""{"role":"user","contents":{}}""")]
    [InlineData("""{"role":"user"}""")]
    [InlineData("""["role"]""")]
    [InlineData("null")]
    [InlineData("")]
    public void What_is_not_plain_is_what_the_serializer_makes_of_it(string json) => Same(Encoding.UTF8.GetBytes(json));

    [Fact]
    public void Bytes_that_are_no_letters_are_an_error()
    {
        byte[] json = [.. """{"role":"user","contents":[{"$type":"text","text":"x"""u8, 0xC3, 0x28, .. "\"}]}"u8];
        Should.Throw<JsonException>(() => ChatMessageJson.Read(json));
    }

    private static void Same(byte[] utf8)
    {
        string expected;
        try
        {
            expected = ChatMessageJson.Write(ChatMessageJson.Read(Encoding.UTF8.GetString(utf8)));
        }
        catch (JsonException)
        {
            Should.Throw<JsonException>(() => ChatMessageJson.Read(utf8));
            return;
        }

        ChatMessageJson.Write(ChatMessageJson.Read(utf8)).ShouldBe(expected);
    }
}
