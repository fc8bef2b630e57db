using Shouldly;
using TokenBudget.Sharing;
using Xunit;

namespace TokenBudget.Conformance;

/// <summary>What every backplane promises. A store's test project derives from it.</summary>
public abstract class BackplaneConformance : IAsyncLifetime
{
    private static readonly Guid[] Senders = [.. Enumerable.Range(1, 4).Select(static i => new Guid(i, 0, 0, new byte[8]))];

    private readonly CancellationTokenSource _patience = new(TimeSpan.FromSeconds(30));

    /// <summary>A backplane over which nobody has said anything.</summary>
    protected abstract Task<IBackplane> CreateAsync();

    protected IBackplane Backplane { get; private set; } = null!;

    public async Task InitializeAsync() => Backplane = await CreateAsync();

    public virtual async Task DisposeAsync()
    {
        _patience.Dispose();
        if (Backplane is IAsyncDisposable disposable)
            await disposable.DisposeAsync();
    }

    [ConformanceFact]
    public async Task All_who_listen_get_every_message_once_and_in_one_order()
    {
        const int Each = 50;
        var listeners = Enumerable.Range(0, 3).Select(_ => Backplane.ListenAsync(_patience.Token)).ToList();
        var heard = listeners.Select(listener => TakeAsync(listener, Senders.Length * Each)).ToList();
        await Task.WhenAll(Senders.Select(sender => Task.Run(async () =>
        {
            for (var i = 0; i < Each; i++)
                await Backplane.PublishAsync(new BackplaneMessage(sender, "t", $"{i}"), _patience.Token);
        })));

        var first = await heard[0];
        foreach (var other in heard)
            (await other).ShouldBe(first);
        first.Select(static message => message.Id).Distinct().Count().ShouldBe(Senders.Length * Each);
        foreach (var sender in Senders)
            first.Where(message => message.Sender == sender).Select(static message => message.Content).ShouldBe(Enumerable.Range(0, Each).Select(static i => $"{i}"));
    }

    [ConformanceFact]
    public async Task Published_again_it_is_still_one_message()
    {
        var heard = TakeAsync(Backplane.ListenAsync(_patience.Token), 2);
        var message = new BackplaneMessage(Senders[0], "t", "once");
        for (var i = 0; i < 3; i++)
            await Backplane.PublishAsync(message);
        var last = new BackplaneMessage(Senders[0], "t", "last");
        await Backplane.PublishAsync(last);

        (await heard).ShouldBe([message, last]);
    }

    [ConformanceFact]
    public async Task A_message_arrives_as_it_was()
    {
        string[] contents = ["", "it's \"x\" \\ \\u0041", "a\0b", "\ud800 alone", "😀", new string('é', BackplaneMessage.MaxContentLength), new string('\udfff', BackplaneMessage.MaxContentLength)];
        var heard = TakeAsync(Backplane.ListenAsync(_patience.Token), contents.Length);
        var messages = contents.Select((content, i) => new BackplaneMessage(Senders[1], new string('\0', i + 1), content)).ToList();
        foreach (var message in messages)
            await Backplane.PublishAsync(message);

        (await heard).ShouldBe(messages);
    }

    [ConformanceFact]
    public async Task Listening_begins_with_the_call()
    {
        var listening = Backplane.ListenAsync(_patience.Token);
        var message = new BackplaneMessage(Senders[0], "t", "early");
        await Backplane.PublishAsync(message);

        (await TakeAsync(listening, 1)).ShouldBe([message]);
    }

    [ConformanceFact]
    public async Task Who_no_longer_listens_is_told_nothing()
    {
        using var stop = new CancellationTokenSource();
        var listening = TakeAsync(Backplane.ListenAsync(stop.Token), 1);
        await stop.CancelAsync();
        await Should.ThrowAsync<OperationCanceledException>(() => listening);
        await Backplane.PublishAsync(new BackplaneMessage(Senders[0], "t", ""));
    }

    [ConformanceFact]
    public async Task What_is_too_long_or_about_nothing_is_refused()
    {
        (await RefusedAsync(BackplaneMessage.Gap)).ShouldContain("topic");
        (await RefusedAsync(new BackplaneMessage(Senders[0], new string('t', BackplaneMessage.MaxTopicLength + 1), ""))).ShouldContain("65");
        (await RefusedAsync(new BackplaneMessage(Senders[0], "t", new string('c', BackplaneMessage.MaxContentLength + 1)))).ShouldContain("16385");

        async Task<string> RefusedAsync(BackplaneMessage message) =>
            (await Should.ThrowAsync<ArgumentException>(async () => await Backplane.PublishAsync(message))).Message;
    }

    /// <summary>The first messages that are no gaps.</summary>
    protected static async Task<List<BackplaneMessage>> TakeAsync(IAsyncEnumerable<BackplaneMessage> messages, int count) =>
        await messages.Where(static message => !message.IsGap).Take(count).ToListAsync();
}
