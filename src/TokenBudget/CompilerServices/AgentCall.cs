using System.ComponentModel;
using Microsoft.Extensions.AI;
using TokenBudget.Conversations;

namespace TokenBudget.CompilerServices;

/// <summary>Collects the messages and the key of one call, then runs it. Called by generated code: literals, typed parameters, one invocation.</summary>
[EditorBrowsable(EditorBrowsableState.Never)]
public ref struct AgentCall
{
    internal AgentCall(AgentMethod method) => throw new NotImplementedException();

    /// <summary>Constant text of the prompt.</summary>
    /// <param name="text">The text.</param>
    public void Literal(string text) => throw new NotImplementedException();

    /// <summary>A parameter at its place in the prompt: data, never read as a template.</summary>
    /// <param name="name">The parameter's name.</param>
    /// <param name="value">Its value.</param>
    /// <param name="format">The format of the placeholder, if any.</param>
    /// <param name="maxTokens">The most tokens it may have; 0, no limit.</param>
    /// <typeparam name="T">The parameter's type.</typeparam>
    public void Value<T>(string name, T value, string? format = null, int maxTokens = 0) => throw new NotImplementedException();

    /// <summary>Ends the user message made of the literals and values so far.</summary>
    public void EndUserMessage() => throw new NotImplementedException();

    /// <summary>A parameter that is the whole user message.</summary>
    /// <param name="name">The parameter's name.</param>
    /// <param name="text">Its value.</param>
    /// <param name="maxTokens">The most tokens it may have; 0, no limit.</param>
    public void UserMessage(string name, string text, int maxTokens = 0) => throw new NotImplementedException();

    /// <summary>A parameter that is a list of messages, in front of the prompt.</summary>
    /// <param name="name">The parameter's name.</param>
    /// <param name="messages">The messages; never changed.</param>
    public void Messages(string name, IEnumerable<ChatMessage> messages) => throw new NotImplementedException();

    /// <summary>The conversation the call continues: its messages come first, and the whole turn is appended to it afterwards.</summary>
    /// <param name="conversation">The conversation.</param>
    public void Conversation(Conversation conversation) => throw new NotImplementedException();

    /// <summary>The caller's chat options; never changed. Tools in them are run by the method's tool loop.</summary>
    /// <param name="options">The options, or <see langword="null"/>.</param>
    public void Options(ChatOptions? options) => throw new NotImplementedException();

    /// <summary>The tenant: the partition of cache, budgets and ledger.</summary>
    /// <param name="tenant">The tenant, or <see langword="null"/>.</param>
    public void Scope(string? tenant) => throw new NotImplementedException();

    /// <summary>A parameter that is not part of the prompt but can change the answer: part of the cache key.</summary>
    /// <param name="name">The parameter's name.</param>
    /// <param name="value">Its value.</param>
    /// <typeparam name="T">The parameter's type.</typeparam>
    public void KeyPart<T>(string name, T value) => throw new NotImplementedException();

    /// <summary>Runs the call on the chat client.</summary>
    /// <param name="format">How to read the reply.</param>
    /// <param name="cancellationToken">Cancels the call; what was produced is charged.</param>
    /// <typeparam name="T">The method's result.</typeparam>
    public Task<T> InvokeAsync<T>(ReplyFormat<T> format, CancellationToken cancellationToken) => throw new NotImplementedException();

    /// <summary>Runs the call on the chat client, streaming.</summary>
    /// <param name="cancellationToken">Cancels the call; what was produced is charged.</param>
    public IAsyncEnumerable<ChatResponseUpdate> StreamAsync(CancellationToken cancellationToken) => throw new NotImplementedException();

    /// <summary>Runs the call on the user's own implementation.</summary>
    /// <param name="format">How the result is kept in the cache.</param>
    /// <param name="implementation">The user's method; gets the windowed messages of the first list parameter (an empty list when there is none).</param>
    /// <param name="state">What <paramref name="implementation"/> needs besides.</param>
    /// <param name="cancellationToken">Cancels the call.</param>
    /// <typeparam name="TState">The type of the state.</typeparam>
    /// <typeparam name="T">The method's result.</typeparam>
    public Task<T> WrapAsync<TState, T>(
        ReplyFormat<T> format,
        Func<TState, IList<ChatMessage>, CancellationToken, Task<T>> implementation,
        TState state,
        CancellationToken cancellationToken) => throw new NotImplementedException();

    /// <summary>Runs the call on the user's own implementation, streaming.</summary>
    /// <param name="implementation">The user's method.</param>
    /// <param name="state">What <paramref name="implementation"/> needs besides.</param>
    /// <param name="cancellationToken">Cancels the call.</param>
    /// <typeparam name="TState">The type of the state.</typeparam>
    public IAsyncEnumerable<ChatResponseUpdate> WrapStream<TState>(
        Func<TState, IList<ChatMessage>, CancellationToken, IAsyncEnumerable<ChatResponseUpdate>> implementation,
        TState state,
        CancellationToken cancellationToken) => throw new NotImplementedException();
}
