using System.Net;

namespace TokenBudget.Testing.Tests;

/// <summary>The pace of the simulated model, on a virtual clock.</summary>
public sealed class LatencyTests
{
    private const int Bound = Simulation.Bound;

    [Theory(Timeout = Bound)]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Time_to_first_token_and_speed_add_up(bool streaming)
    {
        await using var simulation = await Slow();
        var start = simulation.Clock.GetUtcNow();

        using var response = await FinishAsync(simulation, AskAsync(simulation, streaming, CancellationToken.None));

        response.StatusCode.ShouldBe(HttpStatusCode.OK);
        // 100 tokens at 10 a second, after 2 s.
        (simulation.Clock.GetUtcNow() - start).ShouldBe(TimeSpan.FromSeconds(12), TimeSpan.FromSeconds(0.2));
        var exchange = simulation.Provider.Log.Single();
        (exchange.RespondedAt - exchange.ArrivedAt).ShouldBe(TimeSpan.FromSeconds(2));
        exchange.OutputTokens.ShouldBe(100);
    }

    [Fact(Timeout = Bound)]
    public async Task A_client_that_leaves_a_stream_pays_for_what_was_produced()
    {
        await using var simulation = await Slow();
        using var leaving = new CancellationTokenSource();
        var request = AskAsync(simulation, streaming: true, leaving.Token);
        while (simulation.Provider.Log is not [{ OutputTokens: >= 30 }])
        {
            if (simulation.Clock.PendingTimers > 0)
                simulation.Clock.Advance(TimeSpan.FromSeconds(0.1));
            await Task.Yield();
        }

        await leaving.CancelAsync();
        await Should.ThrowAsync<OperationCanceledException>(() => request);

        var exchange = simulation.Provider.Log.Single();
        exchange.Completed.ShouldBeFalse();
        exchange.OutputTokens.ShouldBeInRange(30, 99);
        exchange.InputTokens.ShouldBe(9);
    }

    [Fact(Timeout = Bound)]
    public async Task A_client_that_leaves_before_the_response_pays_nothing()
    {
        await using var simulation = await Slow();
        using var leaving = new CancellationTokenSource();
        var request = AskAsync(simulation, streaming: false, leaving.Token);
        while (simulation.Clock.PendingTimers == 0)
            await Task.Yield();

        await leaving.CancelAsync();
        await Should.ThrowAsync<OperationCanceledException>(() => request);

        simulation.Provider.Bill.PicoDollars.ShouldBe(0);
        simulation.Provider.Log.Single().Status.ShouldBe(0);
    }

    private static Task<Simulation> Slow() => Simulation.StartAsync(
        options => options with { Latency = new SimulatedLatency { TimeToFirstToken = TimeSpan.FromSeconds(2), OutputTokensPerSecond = 10 } },
        SimulatedReply.Text(new string('a', 370)));

    private static async Task<HttpResponseMessage> AskAsync(Simulation simulation, bool streaming, CancellationToken cancellationToken)
    {
        using var request = new HttpRequestMessage(HttpMethod.Post, "/v1/messages")
        {
            Content = new StringContent(Simulation.Body("Hi").Replace("\"max_tokens\"", $"\"stream\":{(streaming ? "true" : "false")},\"max_tokens\"", StringComparison.Ordinal)),
        };
        request.Headers.Add("anthropic-version", "2023-06-01");
        return await simulation.Http.SendAsync(request, cancellationToken);
    }

    /// <summary>Moves the clock, a tenth of a second at a time, while the simulator waits for it.</summary>
    private static async Task<T> FinishAsync<T>(Simulation simulation, Task<T> task)
    {
        while (!task.IsCompleted)
        {
            if (simulation.Clock.PendingTimers > 0)
                simulation.Clock.Advance(TimeSpan.FromSeconds(0.1));
            await Task.Yield();
        }

        return await task;
    }
}
