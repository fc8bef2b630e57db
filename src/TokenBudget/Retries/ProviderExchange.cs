using System.Globalization;
using System.Net;
using System.Security.Cryptography;
using System.Text;
using TokenBudget.RateLimiting;

namespace TokenBudget.Retries;

/// <summary>
/// What goes over the wire while one request is sent: the budgeted client opens it, <see cref="RateLimitHeaderHandler"/> fills it. It flows with
/// the call, through any SDK.
/// </summary>
/// <remarks>Thread-safe: a client with a tool loop of its own may send several requests at once.</remarks>
internal sealed class ProviderExchange(ProviderGuard guard, TokenRateLimiter limiter, string modelId)
{
    private static readonly AsyncLocal<ProviderExchange?> Ambient = new();

    private readonly Lock _gate = new();
    private bool _lastFailed;

    /// <summary>The exchange of the running call, if a budgeted client makes it.</summary>
    public static ProviderExchange? Current => Ambient.Value;

    /// <summary>The limiter that has admitted the request.</summary>
    public TokenRateLimiter Limiter => limiter;

    /// <summary>The model asked for.</summary>
    public string ModelId => modelId;

    /// <summary>Host and fingerprint of the key, once a request was seen.</summary>
    public string? Account { get; private set; }

    /// <summary>HTTP requests seen.</summary>
    public int WireCalls { get; private set; }

    /// <summary>The status of the last response.</summary>
    public HttpStatusCode? Status { get; private set; }

    /// <summary>What the last response was instead of an answer; <see langword="null"/> when it was one, or nothing was seen.</summary>
    public ProviderError? Error { get; private set; }

    /// <summary>Whether the last answer was a stream of events.</summary>
    public bool IsEventStream { get; private set; }

    /// <summary>Whether somebody between us and the wire has tried again.</summary>
    public bool WasRetriedInside { get; private set; }

    /// <summary>Whether another request was sent after a good answer: a tool loop inside has done work that a repetition would do twice.</summary>
    public bool HasProgressed { get; private set; }

    /// <summary>Whether another budgeted client inside sends, and tries again, for this one.</summary>
    public bool IsBudgetedInside { get; private set; }

    /// <summary>Makes this the exchange of what the caller's method does from here on.</summary>
    public void Open()
    {
        if (Ambient.Value is { } outer && outer != this)
            outer.IsBudgetedInside = true;
        Ambient.Value = this;
    }

    public void Sending(HttpRequestMessage request)
    {
        var account = AccountOf(request);
        var retries = request.Headers.NonValidated.TryGetValues("x-stainless-retry-count", out var values)
            && int.TryParse(values.ToString(), NumberStyles.None, CultureInfo.InvariantCulture, out var count) ? count : 0;
        lock (_gate)
        {
            WasRetriedInside |= retries > 0 || _lastFailed;
            HasProgressed |= Status is not null && Error is null && !_lastFailed;
            WireCalls++;
            Account = account;
            _lastFailed = false;
            (Status, Error, IsEventStream) = (null, null, false);
        }

        guard.CoolDowns.Join(account, modelId, limiter);
    }

    public void Answered(HttpResponseMessage response)
    {
        var headers = RateLimitHeaders.Read(response.Headers, guard.Time.GetUtcNow());
        lock (_gate)
        {
            Status = response.StatusCode;
            IsEventStream = response.Content.Headers.ContentType?.MediaType == "text/event-stream";
        }

        limiter.Correct(headers.Limits ?? new RateLimitReading());
    }

    public void Refused(HttpResponseMessage response, string? body)
    {
        var headers = RateLimitHeaders.Read(response.Headers, guard.Time.GetUtcNow());
        var error = ProviderErrorReader.Read(response.StatusCode, headers, body);
        string account;
        lock (_gate)
        {
            (Status, Error, _lastFailed) = (response.StatusCode, error, true);
            account = Account!;
        }

        limiter.Correct((headers.Limits ?? new RateLimitReading()) with { Refused = true, RetryAfter = error.RetryAfter });
        if (error.RetryAfter is { } wait)
            guard.CoolDowns.Pause(account, modelId, wait, limiter);
        if (error.Kind is ProviderErrorKind.SlowDown)
            guard.CoolDowns.SlowDown(account, modelId, limiter);
    }

    public void NotAnswered()
    {
        lock (_gate)
            _lastFailed = true;
    }

    /// <summary>The provider's host and which key was used, without the key.</summary>
    private static string AccountOf(HttpRequestMessage request)
    {
        var headers = request.Headers.NonValidated;
        var key = Find("x-api-key") ?? Find("api-key") ?? Find("x-goog-api-key") ?? Find("Authorization") ?? string.Empty;
        Span<byte> hash = stackalloc byte[SHA256.HashSizeInBytes];
        SHA256.HashData(Encoding.UTF8.GetBytes(key), hash);
        return $"{request.RequestUri?.Authority}#{Convert.ToHexStringLower(hash[..8])}";

        string? Find(string name) => headers.TryGetValues(name, out var values) ? values.ToString() : null;
    }
}
