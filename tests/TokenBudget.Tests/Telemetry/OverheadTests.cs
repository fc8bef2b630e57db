using System.Diagnostics.Metrics;
using TokenBudget.Counting;
using TokenBudget.Tests.Calls;

namespace TokenBudget.Tests.Telemetry;

/// <summary>Our own time for a request, on a clock that moves while a request is counted.</summary>
public sealed class OverheadTests
{
    private static readonly TimeSpan Each = TimeSpan.FromMilliseconds(3);

    [Theory]
    [InlineData(1)]
    [InlineData(64)]
    [InlineData(64 + 8)]
    [InlineData(64 + 800)]
    public async Task Requests_that_are_not_measured_are_stood_for_by_those_that_are(int requests)
    {
        await using var sample = Sample();
        await AskAsync(sample, requests);
        var activity = sample.Runtime.Telemetry.Activity.ShouldHaveSingleItem();
        (activity.Requests, activity.Overhead).ShouldBe((requests, requests * Each));
    }

    [Fact]
    public async Task Who_listens_hears_of_every_request()
    {
        await using var sample = Sample();
        var heard = new List<double>();
        using (var listener = new MeterListener())
        {
            listener.InstrumentPublished = (instrument, told) =>
            {
                if (instrument.Name == "tokenbudget.overhead" && ReferenceEquals(instrument.Meter.Scope, sample.Runtime.Telemetry))
                    told.EnableMeasurementEvents(instrument);
            };
            listener.SetMeasurementEventCallback<double>((_, seconds, _, _) => heard.Add(seconds));
            listener.Start();
            await AskAsync(sample, 200);
        }

        heard.Count.ShouldBe(200);
        heard.ShouldAllBe(static seconds => seconds == Each.TotalSeconds);
        await AskAsync(sample, 200);
        sample.Runtime.Telemetry.Activity.ShouldHaveSingleItem().Overhead.ShouldBe(400 * Each);
    }

    private static CallSample Sample()
    {
        var sample = new CallSample();
        sample.Runtime.Counters.Use(CallSample.Model, TokenCounter.Create(_ =>
        {
            sample.Time.Advance(Each);
            return 1;
        }));
        return sample;
    }

    private static async Task AskAsync(CallSample sample, int requests)
    {
        var client = sample.Client(new FakeChatClient { Otherwise = static _ => FakeReply.Text("one", 10, 1) }, new() { RequestsPerMinute = 1_000_000 });
        for (var request = 0; request < requests; request++)
            await client.GetResponseAsync([new(Microsoft.Extensions.AI.ChatRole.User, "hello there")]);
    }
}
