using TokenBudget.Cli.Plots;
using TokenBudget.Conversations;
using TokenBudget.Counting;

namespace TokenBudget.Cli.Replay;

/// <summary>Reads files of recorded conversations and replays those that are asked for; what cannot be read or sent is named and the rest goes on.</summary>
internal sealed class ReplayRun(ConversationReplay replay, ModelCounter counter)
{
    /// <summary>Only this conversation; all when none.</summary>
    public string? ConversationId { get; init; }

    /// <summary>Only conversations of more tokens than this.</summary>
    public long MinTokens { get; init; }

    public ReplayLog? Log { get; init; }

    /// <summary>Collects what a plot of one session needs.</summary>
    public SessionSeries? Session { get; init; }

    public required TextWriter Error { get; init; }

    /// <summary>How many conversations were replayed.</summary>
    public int Conversations { get; private set; }

    public int ExitCode { get; private set; } = ExitCodes.Ok;

    /// <summary>Whether anything was sent that could be drawn.</summary>
    public bool HasRequests => Totals.Any(static totals => totals.Requests > 0);

    public IEnumerable<ReplayTotals> Totals => replay.Totals;

    public async Task ReadAsync(IEnumerable<string> files, CancellationToken cancellationToken)
    {
        foreach (var file in files)
        {
            try
            {
                await foreach (var conversation in RecordedConversationReader.ReadAsync(file, error => Fail(error.ToString()), cancellationToken))
                    if (IsAskedFor(conversation))
                        Replay(file, conversation, cancellationToken);
            }
            catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
            {
                Fail($"{file}: {exception.Message}");
            }
        }

        if (Conversations == 0 && ConversationId is not null)
            Fail($"There is no conversation '{ConversationId}' of more than {FormattableString.Invariant($"{MinTokens:N0}")} tokens in what could be read.");
    }

    private void Replay(string file, RecordedConversation conversation, CancellationToken cancellationToken)
    {
        Conversations++;
        replay.Replay(
            conversation,
            request =>
            {
                Log?.Write(request);
                Session?.Add(request);
            },
            (setting, position, reason) => Fail(FormattableString.Invariant($"{file}: conversation '{conversation.Id}', message {position}, {setting.Name}: refused: {reason}")),
            cancellationToken);
    }

    private bool IsAskedFor(RecordedConversation conversation) =>
        (ConversationId is null || conversation.Id == ConversationId) &&
        (MinTokens <= 0 || counter.Calibration.ToProvider(conversation.Messages.Sum(message => (long)counter.Messages.Count(message))) > MinTokens);

    private void Fail(string message)
    {
        ExitCode = ExitCodes.BadInput;
        Error.WriteLine(message);
    }
}
