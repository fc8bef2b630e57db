using System.ClientModel;
using System.ClientModel.Primitives;
using System.Net.Http.Headers;
using System.Text;
using System.Text.Json;
using Anthropic;
using OpenAI;
using OpenAI.Chat;
using TokenBudget.TestSupport;

namespace TokenBudget.Testing.Tests;

/// <summary>A simulator on a virtual clock with the clients that the tests use.</summary>
internal sealed class Simulation : IAsyncDisposable
{
    /// <summary>After how long a test is given up, in milliseconds; only one that fails takes as long.</summary>
    public const int Bound = 120_000;

    public const string Sonnet = "claude-sonnet-4-5";
    public const string Gpt = "gpt-4o";

    private Simulation(ProviderSimulator provider, VirtualTimeProvider clock)
    {
        Provider = provider;
        Clock = clock;
        Http = new HttpClient { BaseAddress = provider.BaseAddress, Timeout = TimeSpan.FromMilliseconds(Bound) };
    }

    public ProviderSimulator Provider { get; }

    public VirtualTimeProvider Clock { get; }

    public HttpClient Http { get; }

    public static SimulatedModel SonnetModel => SimulatedModel.FromUsdPerMillionTokens(Sonnet, input: 3m, output: 15m);

    public static SimulatedModel GptModel => SimulatedModel.FromUsdPerMillionTokens(Gpt, input: 2.5m, output: 10m, cachedInput: 1.25m);

    /// <summary>Answers "ok" unless the test says otherwise.</summary>
    public static async Task<Simulation> StartAsync(Func<SimulatorOptions, SimulatorOptions>? configure = null, params SimulatedReply[] script)
    {
        var clock = new VirtualTimeProvider();
        var options = new SimulatorOptions
        {
            Models = [SonnetModel, GptModel],
            Responder = script.Length > 0 ? new ScriptedResponder(script).RespondAsync : (_, _) => ValueTask.FromResult(SimulatedReply.Text("ok")),
            TimeProvider = clock,
        };
        return new Simulation(await ProviderSimulator.StartAsync(configure?.Invoke(options) ?? options), clock);
    }

    public AnthropicClient Client(string apiKey = "test") => new()
    {
        BaseUrl = Provider.BaseAddress.ToString().TrimEnd('/'),
        ApiKey = apiKey,
        MaxRetries = 0,
        Timeout = TimeSpan.FromMilliseconds(Bound),
    };

    /// <summary>The official client of OpenAI, without retries of its own.</summary>
    public ChatClient ChatClient(string apiKey = "test", string model = Gpt) => new(model, new ApiKeyCredential(apiKey), new OpenAIClientOptions
    {
        Endpoint = new Uri(Provider.BaseAddress, "v1"),
        RetryPolicy = new ClientRetryPolicy(maxRetries: 0),
        NetworkTimeout = TimeSpan.FromMilliseconds(Bound),
    });

    /// <summary>Posts a body as written, to the endpoint that its model belongs to.</summary>
    public Task<HttpResponseMessage> PostAsync(string json, params (string Name, string Value)[] headers) =>
        Http.SendAsync(Request(json, headers));

    /// <summary>Posts a body as written and comes back with the headers.</summary>
    public Task<HttpResponseMessage> OpenAsync(string json, params (string Name, string Value)[] headers) =>
        Http.SendAsync(Request(json, headers), HttpCompletionOption.ResponseHeadersRead);

    public static HttpRequestMessage Request(string json, params (string Name, string Value)[] headers)
    {
        var isOpenAI = json.Contains($"\"{Gpt}", StringComparison.Ordinal);
        var request = new HttpRequestMessage(HttpMethod.Post, isOpenAI ? "/v1/chat/completions" : "/v1/messages")
        {
            Content = new StringContent(json, Encoding.UTF8, new MediaTypeHeaderValue("application/json")),
        };
        if (!isOpenAI)
            request.Headers.Add("anthropic-version", "2023-06-01");
        foreach (var (name, value) in headers)
            request.Headers.TryAddWithoutValidation(name, value);
        return request;
    }

    /// <summary>Posts a body and reads the answer.</summary>
    public async Task<JsonElement> AskAsync(string json, params (string Name, string Value)[] headers)
    {
        using var response = await PostAsync(json, headers);
        return JsonElement.Parse(await response.Content.ReadAsByteArrayAsync());
    }

    /// <summary>Posts a body and reads the answer, whatever it is.</summary>
    public async Task<string> AskTextAsync(string json, params (string Name, string Value)[] headers)
    {
        using var response = await PostAsync(json, headers);
        return await response.Content.ReadAsStringAsync();
    }

    /// <summary>A request of one user message.</summary>
    public static string Body(string text, int maxTokens = 100) =>
        $$"""{"model":"{{Sonnet}}","max_tokens":{{maxTokens}},"messages":[{"role":"user","content":"{{JsonEncodedText.Encode(text)}}"}]}""";

    /// <summary>A request of one user message in OpenAI's dialect; <paramref name="more"/> are further members, each followed by a comma.</summary>
    public static string GptBody(string text, string more = "") =>
        $$"""{"model":"{{Gpt}}",{{more}}"messages":[{"role":"user","content":"{{JsonEncodedText.Encode(text)}}"}]}""";

    public async ValueTask DisposeAsync()
    {
        Http.Dispose();
        await Provider.DisposeAsync();
    }
}
