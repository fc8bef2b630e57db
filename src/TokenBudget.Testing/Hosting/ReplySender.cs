namespace TokenBudget.Testing;

/// <summary>Sends a reply, whole or as a stream, at the model's pace, and bills it as it goes.</summary>
internal sealed class ReplySender(Provider provider, SimulatedLatency latency, Exchange exchange, OutgoingReply reply, ContentWriter content)
{
    private static readonly TimeSpan PingInterval = TimeSpan.FromSeconds(15);

    private SimulatedFault? Fault => exchange.Fault;

    public async Task SendWholeAsync(Action addHeaders, CancellationToken cancellationToken)
    {
        // Billed first: a client that leaves does not stop a reply that is not streamed (assumed).
        provider.Produce(exchange, reply.Reply.Tokens);
        await provider.Clock.WaitAsync(latency.Of(reply.Reply.Tokens), cancellationToken);

        var body = exchange.Dialect.Whole(reply);
        addHeaders();
        // Between events there is nothing in a reply that is not streamed, so it breaks in the middle.
        if (Fault is { Break: { } how, AfterBytes: null })
        {
            var half = body[..(body.Length / 2)];
            await content.StartAsync("application/json", how is SimulatedBreak.EndCleanly or SimulatedBreak.HalfEvent ? half.Length : body.Length);
            await content.WriteAsync(half);
            await content.BreakAsync(how);
        }

        var breaks = Fault is { AfterBytes: { } bytes } && bytes < body.Length;
        await content.StartAsync("application/json", breaks && Fault!.Break == SimulatedBreak.EndCleanly ? null : body.Length);
        if (!breaks)
            provider.Complete(exchange, reply.Reply);
        await content.WriteAsync(body);
        await content.EndAsync();
    }

    public async Task SendStreamAsync(Action addHeaders, CancellationToken cancellationToken)
    {
        addHeaders();
        await content.StartAsync("text/event-stream; charset=utf-8", length: null);
        var sent = 0;
        foreach (var frame in exchange.Dialect.Stream(reply))
        {
            if (Fault is { Break: { } how, AfterBytes: null } && sent == Fault.AfterEvents)
                await BreakAsync(how, frame);

            await provider.Clock.WaitAsync(latency.Of(frame.Tokens), cancellationToken);
            provider.Produce(exchange, frame.Tokens);
            // Marked before the last event is on its way: whoever has read it may look at once.
            if (frame.IsLast)
                provider.Complete(exchange, reply.Reply);
            await content.WriteAsync(frame.Bytes);
            provider.Deliver(exchange, frame);
            sent++;
            if (Fault?.DuplicatedEvent == sent)
                await content.WriteAsync(frame.Bytes);
        }

        await content.EndAsync();
    }

    private async Task BreakAsync(SimulatedBreak how, StreamFrame next)
    {
        switch (how)
        {
            case SimulatedBreak.HalfEvent:
                await content.WriteAsync(next.Bytes[..(next.Bytes.Length / 2)]);
                break;
            case SimulatedBreak.ErrorEvent:
                var error = Fault!.StreamError ?? (exchange.Dialect.Name == SimulatedDialect.OpenAI ? OpenAIErrors.Overloaded : AnthropicErrors.Overloaded);
                await content.WriteAsync(exchange.Dialect.ErrorFrame(error, exchange.Number).Bytes);
                break;
            case SimulatedBreak.Pings:
                await content.UntilLeftAsync(async left =>
                {
                    while (true)
                    {
                        await content.WriteAsync(exchange.Dialect.Ping.Bytes);
                        await provider.Clock.WaitAsync(PingInterval, left);
                    }
                });
                how = SimulatedBreak.Close;
                break;
        }

        await content.BreakAsync(how);
    }
}
