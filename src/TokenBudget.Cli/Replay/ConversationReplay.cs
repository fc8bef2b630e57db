using Microsoft.Extensions.AI;
using TokenBudget.Conversations;
using TokenBudget.Counting;
using TokenBudget.Models;

namespace TokenBudget.Cli.Replay;

/// <summary>Sends recorded conversations again, on paper, under several settings at once, and adds up what each would cost.</summary>
/// <remarks>
/// Every recorded answer is one request, with what the policy sends of everything before it. An answer before which nobody has
/// said anything is a greeting the program wrote, not a request.
/// </remarks>
internal sealed class ConversationReplay
{
    private readonly ModelInfo _model;
    private readonly ReplayLane _unbounded;
    private readonly List<ReplayLane> _lanes;
    private readonly List<(ReplayLane Lane, ReplayLane Sliding)> _asked;

    /// <param name="settings">What to compare. Unbounded and sliding ones to compare with are replayed whether they are among these or not.</param>
    /// <param name="model">Whose prices and prompt cache count.</param>
    /// <param name="counter">Counts for that model.</param>
    /// <param name="at">The day whose prices count.</param>
    /// <param name="isCached">Whether a response cache answers what was asked before, in front of each setting and of those it is compared with.</param>
    public ConversationReplay(IReadOnlyList<ReplaySetting> settings, ModelInfo model, ModelCounter counter, DateTimeOffset at, bool isCached = false)
    {
        _model = model;
        var lanes = new Dictionary<ReplaySetting, ReplayLane>();
        _unbounded = LaneOf(new ReplaySetting(ReplayPolicy.Unbounded, 0, 0, 0));
        _asked = [.. settings.Select(setting => (setting.Policy == ReplayPolicy.Unbounded ? _unbounded : LaneOf(setting), LaneOf(setting.SlidingPeer)))];
        _lanes = [.. lanes.Values];

        ReplayLane LaneOf(ReplaySetting setting)
        {
            if (!lanes.TryGetValue(setting, out var lane))
                lanes.Add(setting, lane = new ReplayLane(setting, model, counter, at, isCached));
            return lane;
        }
    }

    public IEnumerable<ReplayTotals> Totals => _asked.Select(static asked => asked.Lane.Totals);

    /// <summary>Replays one conversation.</summary>
    /// <param name="recorded">The conversation.</param>
    /// <param name="onRequest">Called for each request.</param>
    /// <param name="onRefused">Called for each request that a policy cannot make fit, with the setting, the position of the answer from 1, and the reason.</param>
    /// <param name="cancellationToken">Cancels between two requests.</param>
    public void Replay(
        RecordedConversation recorded,
        Action<ReplayedRequest> onRequest,
        Action<ReplaySetting, int, string> onRefused,
        CancellationToken cancellationToken)
    {
        var conversation = new ReplayedConversation(recorded);
        var references = new ReferenceIndex(conversation);
        var history = new List<ChatMessage>(conversation.Messages.Count);
        var somebodySpoke = false;
        var number = 0;
        _lanes.ForEach(static lane => lane.Begin());
        for (var position = 0; position < conversation.Messages.Count; position++)
        {
            cancellationToken.ThrowIfCancellationRequested();
            var message = conversation.Messages[position];
            if (message.Role == ChatRole.Assistant && somebodySpoke)
            {
                references.MoveTo(position);
                Send(conversation, references, history, position, number++, onRequest, onRefused);
            }

            somebodySpoke |= message.Role == ChatRole.User;
            // An answer that says nothing was asked for and paid, but no provider takes it back.
            if (message.Contents.Count > 0)
                history.Add(message);
        }
    }

    private void Send(
        ReplayedConversation conversation,
        ReferenceIndex references,
        List<ChatMessage> history,
        int position,
        int number,
        Action<ReplayedRequest> onRequest,
        Action<ReplaySetting, int, string> onRefused)
    {
        var answer = conversation.Messages[position];
        var refusals = _lanes.ToDictionary(static lane => lane, lane => lane.Send(history, answer));
        foreach (var (lane, sliding) in _asked)
        {
            if (lane is not { Sent: { } sent, Cost: { } cost })
            {
                lane.Totals = lane.Totals with { Refused = lane.Totals.Refused + 1 };
                onRefused(lane.Setting, position + 1, refusals[lane]!);
                continue;
            }

            var request = new ReplayedRequest
            {
                Setting = lane.Setting,
                Conversation = conversation,
                Number = number,
                Answer = position,
                Sent = conversation.Find(sent),
                Report = lane.Report,
                Usage = lane.Usage,
                PredictedCacheRead = lane.PredictedCacheRead,
                Cost = cost,
                AvoidedUsage = lane.AvoidedUsage,
                AvoidedCost = lane.AvoidedCost,
            };
            lane.Totals = lane.Totals.With(
                request,
                references.Measure(request.Sent),
                _unbounded.Cost!.Value,
                // Where the other window refuses, nothing is saved and nothing lost.
                sliding.Cost ?? cost,
                lane.Usage.TotalInput > _model.MaxInputTokens);
            onRequest(request);
        }
    }
}
