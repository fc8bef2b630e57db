using Microsoft.AspNetCore.Http;

namespace TokenBudget.Testing;

/// <summary>Sends a reply, whole or as a stream, at the model's pace, and bills it as it goes.</summary>
internal sealed class ReplySender(Provider provider, SimulatedLatency latency, Exchange exchange, GeneratedReply reply, PromptUsage usage)
{
    private readonly string _id = FormattableString.Invariant($"msg_sim_{exchange.Number:D8}");

    public async Task SendWholeAsync(HttpResponse response, bool cutHalfWay, CancellationToken cancellationToken)
    {
        // Billed first: a client that leaves does not stop a reply that is not streamed (assumed).
        provider.Produce(exchange, reply.Tokens);
        await provider.Clock.WaitAsync(latency.Of(reply.Tokens), cancellationToken);

        var body = WireJson.Message(_id, exchange.ModelId, reply, usage);
        ResponseHeaders.AddLimits(response, provider, exchange);
        response.ContentType = "application/json";
        response.ContentLength = body.Length;
        if (cutHalfWay)
        {
            await response.Body.WriteAsync(body[..(body.Length / 2)], cancellationToken);
            await response.Body.FlushAsync(cancellationToken);
            throw new ConnectionCutException();
        }

        provider.Complete(exchange);
        await response.Body.WriteAsync(body, cancellationToken);
    }

    public async Task SendStreamAsync(HttpResponse response, int? cutAfter, CancellationToken cancellationToken)
    {
        ResponseHeaders.AddLimits(response, provider, exchange);
        var stream = new EventStream(response, cutAfter, cancellationToken);
        await stream.StartAsync();
        await stream.SendAsync("message_start", writer =>
        {
            writer.WriteStartObject("message");
            WireJson.Head(writer, _id, exchange.ModelId);
            writer.WriteStartArray("content");
            writer.WriteEndArray();
            writer.WriteNull("stop_reason");
            writer.WriteNull("stop_sequence");
            WireJson.Usage(writer, usage, outputTokens: 1, isDelta: false);
            writer.WriteEndObject();
        });

        for (var index = 0; index < reply.Blocks.Count; index++)
            await SendBlockAsync(stream, index, cancellationToken);

        // What the blocks do not account for: the one token of an empty answer.
        provider.Produce(exchange, reply.Tokens - reply.Blocks.Sum(block => block.Tokens));
        await stream.SendAsync("message_delta", writer =>
        {
            writer.WriteStartObject("delta");
            writer.WriteString("stop_reason", reply.StopReason);
            writer.WriteString("stop_sequence", reply.StopSequence);
            writer.WriteEndObject();
            WireJson.Usage(writer, usage, reply.Tokens, isDelta: true);
        });
        provider.Complete(exchange);
        await stream.SendAsync("message_stop", _ => { });
    }

    private async Task SendBlockAsync(EventStream stream, int index, CancellationToken cancellationToken)
    {
        var block = reply.Blocks[index];
        await stream.SendAsync("content_block_start", writer =>
        {
            writer.WriteNumber("index", index);
            writer.WriteStartObject("content_block");
            WireJson.Block(writer, block, withContent: false);
            writer.WriteEndObject();
        });
        if (index == 0)
            await stream.SendAsync("ping", _ => { });

        foreach (var (text, tokens) in block.Pieces())
        {
            await provider.Clock.WaitAsync(latency.Of(tokens), cancellationToken);
            provider.Produce(exchange, tokens);
            await stream.SendAsync("content_block_delta", writer =>
            {
                writer.WriteNumber("index", index);
                writer.WriteStartObject("delta");
                writer.WriteString("type", block.Call is null ? "text_delta" : "input_json_delta");
                writer.WriteString(block.Call is null ? "text" : "partial_json", text);
                writer.WriteEndObject();
            });
        }

        await stream.SendAsync("content_block_stop", writer => writer.WriteNumber("index", index));
    }
}
