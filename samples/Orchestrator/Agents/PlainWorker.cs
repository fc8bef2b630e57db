using Microsoft.Extensions.AI;

namespace Orchestrator.Agents;

/// <summary>The job as it is usually written: a list of messages, sent whole or its last few.</summary>
/// <param name="client">The chat client.</param>
/// <param name="lastMessages">How many messages to send; <see langword="null"/>, all of them.</param>
internal sealed class PlainWorker(IChatClient client, int? lastMessages) : IWorker
{
    private readonly List<ChatMessage> _history = [new ChatMessage(ChatRole.System, Prompts.System)];

    public async Task<TicketKind> ClassifyAsync(string ticket, CancellationToken cancellationToken)
    {
        var prompt = Prompts.Classify.Replace("{ticket}", ticket, StringComparison.Ordinal);
        var options = new ChatOptions { ModelId = Prompts.Model, MaxOutputTokens = Prompts.MaxOutputTokens };
        var response = await client.GetResponseAsync([new ChatMessage(ChatRole.User, prompt)], options, cancellationToken);
        return Enum.Parse<TicketKind>(response.Text.Trim());
    }

    public async Task<string> WorkAsync(string step, ChatOptions tools, CancellationToken cancellationToken)
    {
        var options = tools.Clone();
        options.ModelId = Prompts.Model;
        options.MaxOutputTokens = Prompts.MaxOutputTokens;
        _history.Add(new ChatMessage(ChatRole.User, step));
        for (var round = 0; round < Prompts.MaxRounds; round++)
        {
#pragma warning disable TB0002 // The history that only grows is what this sample compares with.
            var response = await client.GetResponseAsync(Window(), options, cancellationToken);
#pragma warning restore TB0002
            _history.AddRange(response.Messages);
            var calls = response.Messages.SelectMany(message => message.Contents).OfType<FunctionCallContent>().ToList();
            if (calls.Count == 0)
                return response.Text;
            foreach (var call in calls)
            {
                var tool = options.Tools!.OfType<AIFunction>().Single(candidate => candidate.Name == call.Name);
                var result = await tool.InvokeAsync(new AIFunctionArguments(call.Arguments), cancellationToken);
                _history.Add(new ChatMessage(ChatRole.Tool, [new FunctionResultContent(call.CallId, result)]));
            }
        }

        throw new InvalidOperationException($"The step took more than {Prompts.MaxRounds} rounds.");
    }

    public Task<string> ReportAsync(string question, ChatOptions tools, CancellationToken cancellationToken) =>
        WorkAsync(question, tools, cancellationToken);

    private List<ChatMessage> Window() => lastMessages is { } count ? LastMessages.Of(_history, count) : _history;
}
