using System.Collections;
using System.ComponentModel;
using System.Globalization;
using System.Text;
using System.Text.Json;
using Microsoft.Extensions.AI;
using TokenBudget.Calls;
using TokenBudget.Conversations;
using TokenBudget.Windowing;

namespace TokenBudget.CompilerServices;

/// <summary>Collects the messages and the key of one call, then runs it. Called by generated code: literals, typed parameters, one invocation.</summary>
[EditorBrowsable(EditorBrowsableState.Never)]
public ref struct AgentCall
{
    private readonly AgentMethod _method;
    private readonly AgentRequest _request;

    // Most prompts are one or two pieces.
    private string? _first;
    private string? _second;
    private StringBuilder? _all;
    private int _length;
    private List<AIContent>? _contents;
    private (int Start, int Length) _userText;

    internal AgentCall(AgentMethod method)
    {
        _method = method;
        _request = new AgentRequest { Tenant = method.Tenant, Ceiling = method.OpenCall() };
    }

    /// <summary>Constant text of the prompt.</summary>
    /// <param name="text">The text.</param>
    public void Literal(string text)
    {
        _length += text.Length;
        if (_first is null)
            _first = text;
        else if (_second is null)
            _second = text;
        else
            (_all ??= new StringBuilder(_first, _length).Append(_second)).Append(text);
    }

    /// <summary>A parameter at its place in the prompt: data, never read as a template.</summary>
    /// <param name="name">The parameter's name.</param>
    /// <param name="value">Its value; numbers and dates are written under the invariant culture, the items of a list one to a line.</param>
    /// <param name="format">The format of the placeholder, if any.</param>
    /// <param name="maxTokens">The most tokens it may have; 0, no limit.</param>
    /// <typeparam name="T">The parameter's type.</typeparam>
    /// <exception cref="ContextOverflowException">It has more.</exception>
    public void Value<T>(string name, T value, string? format = null, int maxTokens = 0)
    {
        _request.HasUserText |= value is string || !IsNumberOrChoice(typeof(T));
        var text = Format(value, format);
        _method.CheckSize(name, text, maxTokens);
        if (value is string)
            _userText = (_length, text.Length);
        Literal(text);
    }

    /// <summary>Ends the user message made of the contents, literals and values so far.</summary>
    public void EndUserMessage()
    {
        AddUserMessage(TakePrompt());
        _request.UserText = _userText;
        _userText = default;
    }

    /// <summary>Ends a message that stands in front of the conversation, made of the literals and values so far: an example, or what the question is about.</summary>
    /// <param name="byAssistant">Whether the model speaks it, not the user.</param>
    public void EndLeadingMessage(bool byAssistant) =>
        // Pinned: a window cuts what is old, and this is part of every request.
        _request.Lead(new ChatMessage(byAssistant ? ChatRole.Assistant : ChatRole.User, TakePrompt()).Pin());

    /// <summary>A parameter that is the whole user message.</summary>
    /// <param name="name">The parameter's name.</param>
    /// <param name="text">Its value.</param>
    /// <param name="maxTokens">The most tokens it may have; 0, no limit.</param>
    /// <exception cref="ContextOverflowException">It has more.</exception>
    public void UserMessage(string name, string text, int maxTokens = 0)
    {
        ArgumentNullException.ThrowIfNull(text, name);
        _method.CheckSize(name, text, maxTokens);
        _request.HasUserText = true;
        _request.UserText = null;
        AddUserMessage(text);
    }

    /// <summary>A parameter that is an image, a file or another content: it goes into the next user message, in front of its text, as the providers advise.</summary>
    /// <param name="name">The parameter's name.</param>
    /// <param name="content">The content; never changed.</param>
    public void Content(string name, AIContent content)
    {
        ArgumentNullException.ThrowIfNull(content, name);
        _request.HasUserText = true;
        (_contents ??= []).Add(content);
    }

    /// <summary>A parameter that is several contents.</summary>
    /// <param name="name">The parameter's name.</param>
    /// <param name="contents">The contents; never changed.</param>
    public void Contents(string name, IEnumerable<AIContent> contents)
    {
        ArgumentNullException.ThrowIfNull(contents, name);
        _request.HasUserText = true;
        (_contents ??= []).AddRange(contents);
    }

    /// <summary>A parameter that is one message of the turn, such as a user message with an image.</summary>
    /// <param name="name">The parameter's name.</param>
    /// <param name="message">The message; never changed.</param>
    public readonly void Message(string name, ChatMessage message)
    {
        ArgumentNullException.ThrowIfNull(message, name);
        if (message.CreatedAt is null)
        {
            message = message.Clone();
            message.CreatedAt = _method.Now;
        }

        _request.HasUserText = true;
        _request.UserText = null;
        _request.Turn.Add(message);
    }

    /// <summary>A parameter that is a list of tools, besides those of the caller's chat options.</summary>
    /// <param name="name">The parameter's name.</param>
    /// <param name="tools">The tools.</param>
    public readonly void Tools(string name, IEnumerable<AITool> tools)
    {
        ArgumentNullException.ThrowIfNull(tools, name);
        _request.AddTools(tools);
    }

    /// <summary>A parameter that is a list of messages, in front of the prompt.</summary>
    /// <param name="name">The parameter's name.</param>
    /// <param name="messages">The messages; never changed.</param>
    public readonly void Messages(string name, IEnumerable<ChatMessage> messages)
    {
        ArgumentNullException.ThrowIfNull(messages, name);
        _request.HasUserText = true;
        _request.AddHistory(messages);
    }

    /// <summary>The conversation the call continues: its messages come first, and the whole turn is appended to it afterwards.</summary>
    /// <param name="conversation">The conversation.</param>
    public readonly void Conversation(Conversation conversation)
    {
        ArgumentNullException.ThrowIfNull(conversation);
        _request.HasUserText = true;
        _request.Conversation = conversation;
        _request.Start = conversation.Snapshot();
        _request.ConversationAt = _request.History?.Count ?? 0;
    }

    /// <summary>The id of the conversation the call continues; it is opened when the call runs, or begun.</summary>
    /// <param name="name">The parameter's name.</param>
    /// <param name="id">The id.</param>
    /// <exception cref="ArgumentException">It is empty.</exception>
    public readonly void ConversationId(string name, string id)
    {
        ArgumentException.ThrowIfNullOrWhiteSpace(id, name);
        _request.HasUserText = true;
        _request.ConversationId = id;
        _request.ConversationAt = _request.History?.Count ?? 0;
    }

    /// <summary>The caller's chat options; never changed. Tools in them are run by the method's tool loop.</summary>
    /// <param name="options">The options, or <see langword="null"/>.</param>
    public readonly void Options(ChatOptions? options) => _request.Options = options;

    /// <summary>The tenant: the partition of cache, budgets and ledger.</summary>
    /// <param name="tenant">The tenant, or <see langword="null"/>.</param>
    public readonly void Scope(string? tenant) => _request.Tenant = tenant ?? _request.Tenant;

    /// <summary>A parameter that is not part of the prompt but can change the answer: part of the cache key.</summary>
    /// <param name="name">The parameter's name.</param>
    /// <param name="value">Its value.</param>
    /// <param name="json">How it is written where the user names a context.</param>
    /// <typeparam name="T">The parameter's type.</typeparam>
    public readonly void KeyPart<T>(string name, T value, JsonSerializerOptions? json = null) => _request.AddKeyPart(new KeyPart(name, value, typeof(T), json));

    /// <summary>Runs the call on the chat client.</summary>
    /// <param name="format">How to read the reply.</param>
    /// <param name="cancellationToken">Cancels the call; what was produced is charged.</param>
    /// <typeparam name="T">The method's result.</typeparam>
    public readonly Task<T> InvokeAsync<T>(ReplyFormat<T> format, CancellationToken cancellationToken) =>
        _method.InvokeAsync(_request, format, cancellationToken);

    /// <summary>Runs the call on the chat client, and tells what it took.</summary>
    /// <param name="format">How to read the reply.</param>
    /// <param name="cancellationToken">Cancels the call; what was produced is charged.</param>
    /// <typeparam name="T">The method's result.</typeparam>
    public readonly Task<AgentReply<T>> InvokeReplyAsync<T>(ReplyFormat<T> format, CancellationToken cancellationToken) =>
        _method.InvokeReplyAsync(_request, format, cancellationToken);

    /// <summary>Runs the call on the chat client, streaming.</summary>
    /// <param name="cancellationToken">Cancels the call; what was produced is charged.</param>
    public readonly IAsyncEnumerable<ChatResponseUpdate> StreamAsync(CancellationToken cancellationToken) =>
        _method.StreamAsync(_request, cancellationToken);

    /// <summary>Runs the call on the chat client, streaming the text alone.</summary>
    /// <param name="cancellationToken">Cancels the call; what was produced is charged.</param>
    public readonly IAsyncEnumerable<string> StreamTextAsync(CancellationToken cancellationToken) =>
        TextStream.Of(_method.StreamAsync(_request, cancellationToken));

    /// <summary>Runs the call on the user's own implementation.</summary>
    /// <param name="format">How the result is kept in the cache.</param>
    /// <param name="implementation">The user's method; gets the windowed messages of the first list parameter (an empty list when there is none).</param>
    /// <param name="state">What <paramref name="implementation"/> needs besides.</param>
    /// <param name="cancellationToken">Cancels the call.</param>
    /// <typeparam name="TState">The type of the state.</typeparam>
    /// <typeparam name="T">The method's result.</typeparam>
    public readonly Task<T> WrapAsync<TState, T>(
        ReplyFormat<T> format,
        Func<TState, IList<ChatMessage>, CancellationToken, Task<T>> implementation,
        TState state,
        CancellationToken cancellationToken) =>
        _method.On(new ImplementationClient<TState, T>(format, implementation, state, KeepsMessages)).InvokeAsync(_request, format, cancellationToken);

    /// <summary>Runs the call on the user's own implementation, and tells what it took.</summary>
    /// <param name="format">How the result is kept in the cache.</param>
    /// <param name="implementation">The user's method; of its reply, the value is used.</param>
    /// <param name="state">What <paramref name="implementation"/> needs besides.</param>
    /// <param name="cancellationToken">Cancels the call.</param>
    /// <typeparam name="TState">The type of the state.</typeparam>
    /// <typeparam name="T">The method's result.</typeparam>
    public readonly Task<AgentReply<T>> WrapReplyAsync<TState, T>(
        ReplyFormat<T> format,
        Func<TState, IList<ChatMessage>, CancellationToken, Task<AgentReply<T>>> implementation,
        TState state,
        CancellationToken cancellationToken)
    {
        var client = new ImplementationClient<TState, T>(
            format, async (own, messages, token) => (await implementation(own, messages, token).ConfigureAwait(false)).Value, state, KeepsMessages);
        return _method.On(client).InvokeReplyAsync(_request, format, cancellationToken);
    }

    /// <summary>Runs the call on the user's own implementation, streaming.</summary>
    /// <param name="implementation">The user's method.</param>
    /// <param name="state">What <paramref name="implementation"/> needs besides.</param>
    /// <param name="cancellationToken">Cancels the call.</param>
    /// <typeparam name="TState">The type of the state.</typeparam>
    public readonly IAsyncEnumerable<ChatResponseUpdate> WrapStream<TState>(
        Func<TState, IList<ChatMessage>, CancellationToken, IAsyncEnumerable<ChatResponseUpdate>> implementation,
        TState state,
        CancellationToken cancellationToken) =>
        _method.On(new ImplementationStreamClient<TState>(implementation, state, KeepsMessages)).StreamAsync(_request, cancellationToken);

    /// <summary>Runs the call on the user's own implementation, streaming text.</summary>
    /// <param name="implementation">The user's method.</param>
    /// <param name="state">What <paramref name="implementation"/> needs besides.</param>
    /// <param name="cancellationToken">Cancels the call.</param>
    /// <typeparam name="TState">The type of the state.</typeparam>
    public readonly IAsyncEnumerable<string> WrapTextStream<TState>(
        Func<TState, IList<ChatMessage>, CancellationToken, IAsyncEnumerable<string>> implementation,
        TState state,
        CancellationToken cancellationToken) =>
        TextStream.Of(WrapStream(
            static (wrapped, messages, token) => TextStream.ToUpdates(wrapped.implementation(wrapped.state, messages, token)),
            (implementation, state),
            cancellationToken));

    /// <summary>Whether somebody keeps the messages of the prompt: what the user's code does to them must not change a conversation.</summary>
    private readonly bool KeepsMessages => _request.Conversation is not null;

    private void AddUserMessage(string text)
    {
        var contents = _contents ?? new List<AIContent>(1);
        _contents = null;
        if (text.Length > 0 || contents.Count == 0)
            contents.Add(new TextContent(text));
        _request.Turn.Add(new ChatMessage(ChatRole.User, contents) { CreatedAt = _method.Now });
    }

    private string TakePrompt()
    {
        var prompt = _all?.ToString() ?? string.Concat(_first, _second);
        (_first, _second, _all, _length) = (null, null, null, 0);
        return prompt;
    }

    private static bool IsNumberOrChoice(Type type)
    {
        type = Nullable.GetUnderlyingType(type) ?? type;
        return type.IsPrimitive || type.IsEnum;
    }

    private static string Format<T>(T value, string? format) => value switch
    {
        null => string.Empty,
        string text => text,
        IFormattable formattable => formattable.ToString(format, CultureInfo.InvariantCulture),
        IEnumerable items => string.Join('\n', items.Cast<object?>().Select(item => Format(item, format))),
        _ => value.ToString() ?? string.Empty,
    };
}
