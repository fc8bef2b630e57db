using System.Globalization;
using Microsoft.Extensions.AI;
using Shouldly;
using TokenBudget.Conversations;
using Xunit;

namespace TokenBudget.Conformance;

/// <summary>What every conversation store promises. A store's test project derives from it.</summary>
public abstract class ConversationStoreConformance : IAsyncLifetime
{
    private static readonly DateTimeOffset Noon = new(2026, 3, 1, 12, 0, 0, TimeSpan.Zero);

    private IConversationStore _store = null!;

    /// <summary>A store that nobody has written to.</summary>
    protected abstract Task<IConversationStore> CreateAsync();

    /// <summary>Another store on the same data, after the first was closed; <see langword="null"/> when the kind keeps nothing.</summary>
    protected abstract Task<IConversationStore?> ReopenAsync(IConversationStore store);

    /// <summary>Makes the storing of summaries fail at its last moment, or work again. Whether this kind of store can be made to.</summary>
    protected virtual Task<bool> BreakSummariesAsync(IConversationStore store, bool isBroken) => Task.FromResult(false);

    public async Task InitializeAsync() => _store = await CreateAsync();

    public virtual async Task DisposeAsync()
    {
        if (_store is IAsyncDisposable disposable)
            await disposable.DisposeAsync();
    }

    [ConformanceFact]
    public async Task An_unknown_conversation_is_empty()
    {
        (await _store.ReadAsync("nobody", 100)).ShouldBe(ConversationSlice.Empty);
        (await _store.DeleteAsync("nobody")).ShouldBeFalse();
    }

    [ConformanceFact]
    public async Task A_turn_is_appended_whole_and_counted()
    {
        (await _store.AppendTurnAsync("c", 0, Turn("a", 3, 5))).ShouldBe(2);
        (await _store.AppendTurnAsync("c", 2, Turn("b", 1, 2, 4))).ShouldBe(5);

        var slice = await _store.ReadAsync("c", 1_000);
        slice.Version.ShouldBe(5);
        slice.FirstSequence.ShouldBe(0);
        slice.Summary.ShouldBeNull();
        slice.Messages.Select(message => message.Message.Text).ShouldBe(["a0", "a1", "b0", "b1", "b2"]);
        slice.Messages.Select(message => message.Tokens).ShouldBe([3, 5, 1, 2, 4]);
    }

    [ConformanceFact]
    public async Task A_writer_with_an_old_version_is_told_and_stores_nothing()
    {
        await _store.AppendTurnAsync("c", 0, Turn("a", 1, 1));

        var stale = await Should.ThrowAsync<ConversationConflictException>(async () => await _store.AppendTurnAsync("c", 0, Turn("x", 1)));
        var early = await Should.ThrowAsync<ConversationConflictException>(async () => await _store.AppendTurnAsync("c", 3, Turn("x", 1)));
        var unknown = await Should.ThrowAsync<ConversationConflictException>(async () => await _store.AppendTurnAsync("other", 1, Turn("x", 1)));

        (stale.ConversationId, stale.ExpectedVersion, stale.ActualVersion).ShouldBe(("c", 0, 2));
        (early.ExpectedVersion, early.ActualVersion).ShouldBe((3, 2));
        (unknown.ExpectedVersion, unknown.ActualVersion).ShouldBe((1, 0));
        (await TextsAsync("c")).ShouldBe(["a0", "a1"]);
        (await _store.ReadAsync("other", 100)).ShouldBe(ConversationSlice.Empty);
    }

    [ConformanceFact]
    public async Task Of_two_writers_at_once_exactly_one_wins()
    {
        for (long version = 0; version < 40; version += 2)
        {
            var attempts = await Task.WhenAll(Enumerable.Range(0, 4).Select(writer => Task.Run(() => TryAppendAsync("c", version, writer))));
            attempts.Count(won => won).ShouldBe(1, $"at version {version}");
        }

        var texts = await TextsAsync("c");
        texts.Count.ShouldBe(40);
        for (var i = 0; i < texts.Count; i += 2)
            texts[i + 1].ShouldBe(texts[i][..^1] + "1", "both messages of a turn are of one writer");
    }

    [ConformanceFact]
    public async Task Many_conversations_are_written_at_once()
    {
        await Task.WhenAll(Enumerable.Range(0, 1_000).Select(i => Task.Run(async () =>
            await _store.AppendTurnAsync(string.Create(CultureInfo.InvariantCulture, $"c{i % 100}x{i / 100}"), 0, Turn("t", 1, 1)))));

        for (var i = 0; i < 1_000; i += 37)
            (await TextsAsync(string.Create(CultureInfo.InvariantCulture, $"c{i % 100}x{i / 100}"))).ShouldBe(["t0", "t1"]);
    }

    [ConformanceFact]
    public async Task Reading_returns_the_newest_whole_turns_that_fit()
    {
        await _store.AppendTurnAsync("c", 0, Turn("a", 10, 10));
        await _store.AppendTurnAsync("c", 2, Turn("b", 10, 20));
        await _store.AppendTurnAsync("c", 4, Turn("c", 5, 5));

        (await TextsAsync("c", 60)).Count.ShouldBe(6);
        (await TextsAsync("c", 59)).ShouldBe(["b0", "b1", "c0", "c1"]);
        (await TextsAsync("c", 40)).ShouldBe(["b0", "b1", "c0", "c1"]);
        (await TextsAsync("c", 39)).ShouldBe(["c0", "c1"]);
        (await TextsAsync("c", 10)).ShouldBe(["c0", "c1"]);
        var slice = await _store.ReadAsync("c", 40);
        (slice.FirstSequence, slice.Version).ShouldBe((2, 6));
    }

    [ConformanceFact]
    public async Task The_newest_turn_is_returned_even_when_it_alone_is_larger()
    {
        await _store.AppendTurnAsync("c", 0, Turn("a", 1));
        await _store.AppendTurnAsync("c", 1, Turn("b", 500, int.MaxValue, int.MaxValue));

        (await TextsAsync("c", 1)).ShouldBe(["b0", "b1", "b2"]);
        (await TextsAsync("c", int.MaxValue)).ShouldBe(["b0", "b1", "b2"]);
    }

    [ConformanceFact]
    public async Task A_turn_that_does_not_fit_ends_the_reading_even_when_older_ones_would()
    {
        await _store.AppendTurnAsync("c", 0, Turn("a", 1));
        await _store.AppendTurnAsync("c", 1, Turn("b", 100));
        await _store.AppendTurnAsync("c", 2, Turn("c", 1));

        (await TextsAsync("c", 50)).ShouldBe(["c0"]);
    }

    [ConformanceFact]
    public async Task A_summary_stands_for_the_messages_it_covers()
    {
        await _store.AppendTurnAsync("c", 0, Turn("a", 10, 10));
        await _store.AppendTurnAsync("c", 2, Turn("b", 10, 10));
        await _store.AppendTurnAsync("c", 4, Turn("c", 10, 10));
        var summary = new ConversationSummary("They \\ talked \ud800 about\0 \"a\" 🙂.", 1, 5, Noon);

        (await _store.SaveSummaryAsync("c", summary)).ShouldBeTrue();

        var slice = await _store.ReadAsync("c", 45);
        slice.Summary.ShouldBe(summary);
        (slice.FirstSequence, slice.Version).ShouldBe((2, 6));
        slice.Messages.Select(message => message.Message.Text).ShouldBe(["b0", "b1", "c0", "c1"]);
        (await TextsAsync("c", 44)).ShouldBe(["c0", "c1"], "the summary's own tokens count");
        (await TextsAsync("c", 1)).ShouldBe(["c0", "c1"]);
    }

    [ConformanceFact]
    public async Task A_summary_may_cover_a_part_of_a_turn()
    {
        await _store.AppendTurnAsync("c", 0, Turn("a", 10, 10, 10));
        await _store.AppendTurnAsync("c", 3, Turn("b", 10));
        await _store.SaveSummaryAsync("c", new ConversationSummary("s", 0, 5, Noon));

        (await TextsAsync("c", 35)).ShouldBe(["a1", "a2", "b0"]);
        (await _store.ReadAsync("c", 35)).FirstSequence.ShouldBe(1);
        (await TextsAsync("c", 34)).ShouldBe(["b0"]);
    }

    [ConformanceFact]
    public async Task A_longer_summary_replaces_a_shorter_and_never_the_reverse()
    {
        await _store.AppendTurnAsync("c", 0, Turn("a", 1, 1, 1, 1));
        var longer = new ConversationSummary("longer", 2, 1, Noon);
        (await _store.SaveSummaryAsync("c", new ConversationSummary("first", 1, 1, Noon))).ShouldBeTrue();
        (await _store.SaveSummaryAsync("c", longer)).ShouldBeTrue();

        (await _store.SaveSummaryAsync("c", new ConversationSummary("shorter", 1, 1, Noon))).ShouldBeFalse();
        (await _store.SaveSummaryAsync("c", new ConversationSummary("as long", 2, 1, Noon))).ShouldBeFalse();

        (await _store.ReadAsync("c", 100)).Summary.ShouldBe(longer);
    }

    [ConformanceFact]
    public async Task A_summary_and_what_it_stands_for_change_together_or_not_at_all()
    {
        await _store.AppendTurnAsync("c", 0, Turn("a", 10, 10));
        await _store.AppendTurnAsync("c", 2, Turn("b", 10, 10));
        var first = new ConversationSummary("first", 1, 5, Noon);
        await _store.SaveSummaryAsync("c", first);
        if (!await BreakSummariesAsync(_store, true))
            return;

        await Should.ThrowAsync<Exception>(async () => await _store.SaveSummaryAsync("c", new ConversationSummary("second", 2, 5, Noon)));
        var slice = await _store.ReadAsync("c", 100);
        slice.Summary.ShouldBe(first);
        slice.Messages.Select(message => message.Message.Text).ShouldBe(["b0", "b1"]);
        (await _store.ReadSummariesAsync("c")).ShouldBe([first]);

        await BreakSummariesAsync(_store, false);
        (await _store.SaveSummaryAsync("c", new ConversationSummary("second", 2, 5, Noon))).ShouldBeTrue();
        (await TextsAsync("c")).ShouldBe(["b1"]);
    }

    [ConformanceFact]
    public async Task Of_summaries_made_at_once_the_one_of_most_messages_is_used()
    {
        await _store.AppendTurnAsync("c", 0, Turn("a", [.. Enumerable.Repeat(1, 20)]));
        await Task.WhenAll(Enumerable.Range(0, 20).Select(through => Task.Run(async () =>
            await _store.SaveSummaryAsync("c", new ConversationSummary(string.Create(CultureInfo.InvariantCulture, $"through {through}"), through, 1, Noon)))));

        var slice = await _store.ReadAsync("c", 100);
        (slice.Summary!.Text, slice.Messages.Count).ShouldBe(("through 19", 0));
        var made = await _store.ReadSummariesAsync("c");
        made.Select(summary => summary.ThroughSequence).ShouldBe(made.Select(summary => summary.ThroughSequence).Order());
        made[^1].ShouldBe(slice.Summary);
    }

    [ConformanceFact]
    public async Task Every_summary_is_kept_and_read_without_the_messages()
    {
        await _store.AppendTurnAsync("c", 0, Turn("a", 1, 1, 1, 1));
        ConversationSummary[] summaries = [new("one", 0, 7, Noon), new("two \\ \ud800\0", 1, 8, Noon.AddHours(1)), new("three", 3, 9, Noon.AddTicks(1))];
        foreach (var summary in summaries)
            await _store.SaveSummaryAsync("c", summary);
        await _store.SaveSummaryAsync("c", new ConversationSummary("late", 2, 1, Noon));

        (await _store.ReadSummariesAsync("c")).ShouldBe(summaries);
        (await _store.ReadSummariesAsync("nobody")).ShouldBeEmpty();
    }

    [ConformanceFact]
    public async Task The_history_is_whole_whatever_summaries_cover()
    {
        const int turns = 230;
        for (var i = 0; i < turns; i++)
            await _store.AppendTurnAsync("c", 2 * i, Turn(string.Create(CultureInfo.InvariantCulture, $"{i}:"), i, 5));
        await _store.AppendTurnAsync("d", 0, Turn("d", 1));
        await _store.SaveSummaryAsync("c", new ConversationSummary("s", 300, 1, Noon));

        var history = await _store.ReadHistoryAsync("c").ToListAsync();
        history.Select(message => message.Message.Text).ShouldBe(
            Enumerable.Range(0, 2 * turns).Select(i => string.Create(CultureInfo.InvariantCulture, $"{i / 2}:{i % 2}")));
        history[^2].Tokens.ShouldBe(turns - 1);
        (await _store.ReadHistoryAsync("nobody").ToListAsync()).ShouldBeEmpty();
    }

    [ConformanceFact]
    public async Task An_export_has_everything_in_order()
    {
        await _store.AppendTurnAsync("c \"1\"", 0, Turn("a", 3, 4));
        await _store.AppendTurnAsync("c \"1\"", 2, [new CountedMessage(SampleMessages.All[^1], 5)]);
        await _store.SaveSummaryAsync("c \"1\"", new ConversationSummary("s \ud800\n", 0, 2, Noon));
        await _store.SaveSummaryAsync("c \"1\"", new ConversationSummary("t", 2, 2, Noon));

        using var file = new MemoryStream();
        (await ConversationExport.WriteAsync(_store, "c \"1\"", file)).ShouldBe(3);

        var lines = System.Text.Encoding.UTF8.GetString(file.ToArray()).Split('\n');
        lines.Length.ShouldBe(7);
        lines[^1].ShouldBeEmpty();
        System.Text.Json.Nodes.JsonNode.Parse(lines[0])!["conversation"]!.GetValue<string>().ShouldBe("c \"1\"");
        lines[1].ShouldStartWith("""{"sequence":0,"tokens":3,"message":{""");
        lines[2].ShouldBe("""{"summary":"s \ud800\n","through":0,"tokens":2,"createdAt":"2026-03-01T12:00:00.0000000Z"}""");
        lines[3].ShouldStartWith("""{"sequence":1,"tokens":4,"message":{""");
        lines[5].ShouldStartWith("""{"summary":"t","through":2""");
        using var message = System.Text.Json.JsonDocument.Parse(lines[4]);
        SampleMessages.ShouldBeTheSame(ChatMessageJson.Read(message.RootElement.GetProperty("message").GetRawText()), SampleMessages.All[^1]);

        using var nothing = new MemoryStream();
        (await ConversationExport.WriteAsync(_store, "nobody", nothing)).ShouldBe(0);
        nothing.Length.ShouldBe(0);
    }

    [ConformanceFact]
    public async Task What_nobody_appended_to_for_long_is_removed()
    {
        for (var i = 0; i < 120; i++)
            await _store.AppendTurnAsync(string.Create(CultureInfo.InvariantCulture, $"old {i}"), 0, [At(Noon.AddDays(-40))]);
        await _store.AppendTurnAsync("young", 0, [At(Noon.AddDays(-29))]);
        await _store.AppendTurnAsync("revived", 0, [At(Noon.AddDays(-40))]);
        await _store.AppendTurnAsync("revived", 1, [At(Noon.AddDays(-1)), At(null)]);
        await _store.AppendTurnAsync("revived", 3, [At(Noon.AddDays(-50))]);
        await _store.AppendTurnAsync("undated", 0, [At(null)]);
        await _store.AppendTurnAsync("edge", 0, [At(Noon.AddDays(-30))]);
        await _store.SaveSummaryAsync("old 1", new ConversationSummary("s", 0, 1, Noon));

        (await _store.DeleteInactiveAsync(Noon.AddDays(-30))).ShouldBe(120);

        (await _store.ReadAsync("old 1", 100)).ShouldBe(ConversationSlice.Empty);
        (await _store.ReadSummariesAsync("old 1")).ShouldBeEmpty();
        foreach (var kept in new[] { "young", "revived", "undated", "edge" })
            (await _store.ReadAsync(kept, 100)).Version.ShouldBeGreaterThan(0, kept);
        (await _store.DeleteInactiveAsync(Noon.AddDays(-30))).ShouldBe(0);
        (await _store.DeleteInactiveAsync(DateTimeOffset.MaxValue)).ShouldBe(4);

        static CountedMessage At(DateTimeOffset? at) => new(new ChatMessage(ChatRole.User, "x") { CreatedAt = at }, 1);
    }

    [ConformanceFact]
    public async Task Sizes_are_told_newest_first_without_a_word()
    {
        var sizes = (IConversationSizes)_store;
        (await sizes.ReadSizesAsync(5)).ShouldSatisfyAllConditions(static none => none.Total.ShouldBe(0), static none => none.Newest.ShouldBeEmpty());
        for (var day = 1; day <= 4; day++)
            await _store.AppendTurnAsync($"day {day}", 0, [.. Enumerable.Range(1, day).Select(size => new CountedMessage(new ChatMessage(ChatRole.User, "x") { CreatedAt = Noon.AddDays(day) }, 10 * size))]);
        await _store.SaveSummaryAsync("day 3", new ConversationSummary("short", 1, 7, Noon));

        var read = await sizes.ReadSizesAsync(2);

        read.Total.ShouldBe(4);
        read.Newest.ShouldBe([new ConversationSize("day 4", 4, 100, 0, 0, Noon.AddDays(4)), new ConversationSize("day 3", 3, 60, 7, 2, Noon.AddDays(3))]);
        (await sizes.ReadSizesAsync(100)).Newest.Count.ShouldBe(4);
        await Should.ThrowAsync<ArgumentOutOfRangeException>(async () => await sizes.ReadSizesAsync(0));
    }

    [ConformanceFact]
    public async Task Everything_may_be_covered_and_the_conversation_goes_on()
    {
        await _store.AppendTurnAsync("c", 0, Turn("a", 1, 1));
        await _store.SaveSummaryAsync("c", new ConversationSummary("all of it", 1, 1, Noon));

        var covered = await _store.ReadAsync("c", 100);
        covered.Messages.ShouldBeEmpty();
        (covered.FirstSequence, covered.Version).ShouldBe((2, 2));

        (await _store.AppendTurnAsync("c", 2, Turn("b", 1))).ShouldBe(3);
        var after = await _store.ReadAsync("c", 100);
        after.Messages.Single().Message.Text.ShouldBe("b0");
        after.FirstSequence.ShouldBe(2);
    }

    [ConformanceFact]
    public async Task A_summary_cannot_reach_beyond_the_last_message()
    {
        await _store.AppendTurnAsync("c", 0, Turn("a", 1, 1));

        await Should.ThrowAsync<ArgumentException>(async () => await _store.SaveSummaryAsync("c", new ConversationSummary("s", 2, 1, Noon)));
        await Should.ThrowAsync<ArgumentException>(async () => await _store.SaveSummaryAsync("nobody", new ConversationSummary("s", 0, 1, Noon)));

        (await _store.ReadAsync("c", 100)).Summary.ShouldBeNull();
        (await _store.ReadAsync("nobody", 100)).ShouldBe(ConversationSlice.Empty);
    }

    [ConformanceFact]
    public async Task A_deleted_conversation_is_gone_and_may_begin_anew()
    {
        await _store.AppendTurnAsync("c", 0, Turn("a", 1, 1));
        await _store.AppendTurnAsync("d", 0, Turn("d", 1));
        await _store.SaveSummaryAsync("c", new ConversationSummary("s", 0, 1, Noon));

        (await _store.DeleteAsync("c")).ShouldBeTrue();
        (await _store.DeleteAsync("c")).ShouldBeFalse();

        (await _store.ReadAsync("c", 100)).ShouldBe(ConversationSlice.Empty);
        await Should.ThrowAsync<ConversationConflictException>(async () => await _store.AppendTurnAsync("c", 2, Turn("x", 1)));
        await _store.AppendTurnAsync("c", 0, Turn("b", 1));
        (await TextsAsync("c")).ShouldBe(["b0"]);
        (await TextsAsync("d")).ShouldBe(["d0"]);
        (await _store.ReadSummariesAsync("c")).ShouldBeEmpty();
    }

    [ConformanceFact]
    public async Task Ids_are_exact_whatever_they_contain()
    {
        string[] ids =
        [
            "plain", "Plain", "it's", "\"quoted\"", "a;DROP TABLE messages;--", "%", "_", " ", "a ", "ünï", "u\u0308", "ü", "🙂",
            "\ud83d", "\ude42", "\ud83e", "\0", "a\0b", "a", "\\", "\\\\", "\\u0000", "new\nline", new string('x', 256), new string('x', 255) + "y", "\ud83dz",
        ];
        foreach (var (id, i) in ids.Select((id, i) => (id, i)))
            await _store.AppendTurnAsync(id, 0, Turn(string.Create(CultureInfo.InvariantCulture, $"{i}:"), 1));

        foreach (var (id, i) in ids.Select((id, i) => (id, i)))
            (await TextsAsync(id)).ShouldBe([string.Create(CultureInfo.InvariantCulture, $"{i}:0")]);
    }

    [ConformanceFact]
    public async Task Bad_arguments_are_refused()
    {
        var turn = Turn("a", 1);
        await Should.ThrowAsync<ArgumentException>(async () => await _store.AppendTurnAsync("", 0, turn));
        await Should.ThrowAsync<ArgumentException>(async () => await _store.AppendTurnAsync(new string('x', 257), 0, turn));
        await Should.ThrowAsync<ArgumentException>(async () => await _store.AppendTurnAsync("c", -1, turn));
        await Should.ThrowAsync<ArgumentException>(async () => await _store.AppendTurnAsync("c", 0, []));
        await Should.ThrowAsync<ArgumentException>(async () => await _store.AppendTurnAsync("c", 0, Turn("a", -1)));
        await Should.ThrowAsync<ArgumentException>(async () => await _store.ReadAsync("c", 0));
        await Should.ThrowAsync<ArgumentException>(async () => await _store.SaveSummaryAsync("c", new ConversationSummary("", 0, 1, Noon)));
        await Should.ThrowAsync<ArgumentException>(async () => await _store.SaveSummaryAsync("c", new ConversationSummary("s", -1, 1, Noon)));
        await Should.ThrowAsync<ArgumentException>(async () => await _store.DeleteAsync(""));
        (await _store.ReadAsync("c", 100)).ShouldBe(ConversationSlice.Empty);
    }

    [ConformanceFact]
    public async Task Cancelled_before_the_start_nothing_is_stored()
    {
        using var cancelled = new CancellationTokenSource();
        await cancelled.CancelAsync();
        await Should.ThrowAsync<OperationCanceledException>(async () => await _store.AppendTurnAsync("c", 0, Turn("a", 1), cancelled.Token));
        await Should.ThrowAsync<OperationCanceledException>(async () => await _store.ReadAsync("c", 1, cancelled.Token));
        (await _store.ReadAsync("c", 100)).ShouldBe(ConversationSlice.Empty);

        await _store.AppendTurnAsync("c", 0, Turn("a", 1));
        var summary = new ConversationSummary("s", 0, 1, Noon);
        await Should.ThrowAsync<OperationCanceledException>(async () => await _store.SaveSummaryAsync("c", summary, cancelled.Token));
        await Should.ThrowAsync<OperationCanceledException>(async () => await _store.DeleteAsync("c", cancelled.Token));
        var slice = await _store.ReadAsync("c", 100);
        slice.Summary.ShouldBeNull();
        slice.Messages.Count.ShouldBe(1);
    }

    [ConformanceFact]
    public async Task Messages_come_back_exactly()
    {
        var messages = SampleMessages.All;
        await _store.AppendTurnAsync("c", 0, [.. messages.Select(message => new CountedMessage(message, 1))]);

        var read = (await _store.ReadAsync("c", 1_000)).Messages;

        read.Count.ShouldBe(messages.Count);
        for (var i = 0; i < messages.Count; i++)
            SampleMessages.ShouldBeTheSame(read[i].Message, messages[i]);
    }

    [ConformanceFact]
    public async Task A_stored_message_is_not_the_callers_object()
    {
        var message = new ChatMessage(ChatRole.User, "before");
        await _store.AppendTurnAsync("c", 0, [new CountedMessage(message, 1)]);

        message.Contents.Clear();
        (await _store.ReadAsync("c", 100)).Messages[0].Message.Contents.Clear();

        (await TextsAsync("c")).ShouldBe(["before"]);
    }

    [ConformanceFact]
    public async Task A_large_message_is_kept()
    {
        var text = string.Concat(Enumerable.Repeat("0123456789 äöü 🙂 ", 120_000));
        await _store.AppendTurnAsync("c", 0, [new CountedMessage(new ChatMessage(ChatRole.User, text), 700_000)]);

        ((await _store.ReadAsync("c", 1)).Messages.Single().Message.Text == text).ShouldBeTrue();
    }

    [ConformanceFact]
    public async Task A_long_conversation_is_read_from_its_end()
    {
        const int turns = 300;
        for (var i = 0; i < turns; i++)
            await _store.AppendTurnAsync("c", 2 * i, Turn(string.Create(CultureInfo.InvariantCulture, $"{i}:"), 5, 5));

        var slice = await _store.ReadAsync("c", 100);
        slice.Version.ShouldBe(2 * turns);
        slice.FirstSequence.ShouldBe(2 * (turns - 10));
        slice.Messages[0].Message.Text.ShouldBe("290:0");
    }

    [ConformanceFact]
    public async Task What_was_stored_is_there_after_reopening()
    {
        var summary = new ConversationSummary("s", 0, 1, Noon);
        await _store.AppendTurnAsync("c", 0, Turn("a", 1, 2));
        await _store.SaveSummaryAsync("c", summary);

        if (await ReopenAsync(_store) is not { } reopened)
            return;
        _store = reopened;

        var slice = await _store.ReadAsync("c", 100);
        slice.Summary.ShouldBe(summary);
        slice.Messages.Single().Message.Text.ShouldBe("a1");
        (await _store.AppendTurnAsync("c", 2, Turn("b", 1))).ShouldBe(3);
    }

    private static CountedMessage[] Turn(string name, params int[] tokens) =>
    [
        .. tokens.Select((size, i) => new CountedMessage(
            new ChatMessage(i == 0 ? ChatRole.User : ChatRole.Assistant, string.Create(CultureInfo.InvariantCulture, $"{name}{i}")),
            size)),
    ];

    private async Task<bool> TryAppendAsync(string id, long version, int writer)
    {
        try
        {
            await _store.AppendTurnAsync(id, version, Turn(string.Create(CultureInfo.InvariantCulture, $"v{version}w{writer}:"), 1, 1));
            return true;
        }
        catch (ConversationConflictException)
        {
            return false;
        }
    }

    private async Task<IReadOnlyList<string>> TextsAsync(string id, int maxTokens = 1_000_000) =>
        [.. (await _store.ReadAsync(id, maxTokens)).Messages.Select(message => message.Message.Text)];
}
