using System.Globalization;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.AI;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Orchestrator.Agents;
using Orchestrator.Provider;
using Orchestrator.Reporting;
using Orchestrator.Session;
using TokenBudget;
using TokenBudget.Configuration;
using TokenBudget.Conversations;
using TokenBudget.Costs;
using Anthropic.Exceptions;

namespace Orchestrator.Web;

/// <summary>The orchestrator as a web application: it works through the session, shows itself on the dashboard meanwhile, and can be asked what it has spent.</summary>
internal sealed class OrchestratorHost : IAsyncDisposable
{
    private readonly WebApplication _app;
    private readonly Connection _provider;
    private readonly SessionScript _script;
    private readonly IAsyncDisposable _store;
    private readonly Conversation _conversation;

    private OrchestratorHost(WebApplication app, Connection provider, SessionScript script, (IAsyncDisposable Store, string Name) store, Conversation conversation)
    {
        (_app, _provider, _script, _conversation) = (app, provider, script, conversation);
        (_store, Store) = store;
    }

    /// <summary>Where it listens.</summary>
    public Uri Address => new(_app.Urls.First());

    /// <summary>Where the ledger is.</summary>
    public string Store { get; }

    /// <summary>The conversation of the session, as the store knows it.</summary>
    public string ConversationId => _conversation.Id;

    public TokenBudgetRuntime Runtime => _app.Services.GetRequiredService<TokenBudgetRuntime>();

    public int Steps => _script.Steps.Count;

    /// <summary>Starts to listen.</summary>
    /// <param name="script">The session.</param>
    /// <param name="simulation">The simulated provider; <see langword="null"/>, the real service.</param>
    /// <param name="realApiKey">The real service's key.</param>
    /// <param name="address">Where to listen.</param>
    /// <param name="connectionString">Where to keep ledger and conversations; unset, a file beside the program.</param>
    /// <param name="cancellationToken">Gives up.</param>
    public static async Task<OrchestratorHost> StartAsync(
        SessionScript script, Simulation? simulation, string? realApiKey, string address, string? connectionString, CancellationToken cancellationToken)
    {
        var provider = await Connection.OpenAsync(simulation, realApiKey, cancellationToken);
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.UseUrls(address);
        var services = builder.Services;
        var store = await Stores.AddAsync(services, connectionString, isSimulated: simulation is not null, isRealTime: provider.Clock == TimeProvider.System);
        services.AddSingleton(provider.Clock);
        services.AddSingleton(provider.Client);
        services.AddSingleton<CostTools>();
        services.AddTokenBudget(static options => options.StatusOf = static exception => (exception as AnthropicApiException)?.StatusCode);
        services.AddOrchestratorAgent();
        services.AddHealthChecks().AddTokenBudget();
        var app = builder.Build();
        var group = app.MapTokenBudget(static options => options.Prometheus = true);
        app.MapHealthChecks("/health");
        var runtime = app.Services.GetRequiredService<TokenBudgetRuntime>();
        var conversation = await runtime.OpenConversationAsync("session-" + Guid.NewGuid().ToString("N", CultureInfo.InvariantCulture), cancellationToken);
        var host = new OrchestratorHost(app, provider, script, store, conversation);
        // Among the endpoints of the dashboard, and guarded like them.
        group.MapPost("/ask", host.AnswerAsync);
        await app.StartAsync(cancellationToken);
        return host;
    }

    /// <summary>Works through the session.</summary>
    /// <param name="onStep">Told after each step.</param>
    /// <param name="cancellationToken">Ends it.</param>
    public async Task<RunResult> RunSessionAsync(Action onStep, CancellationToken cancellationToken)
    {
        using var overhead = new OverheadMeter(_provider.ClockFactor);
        var started = _provider.Clock.GetUtcNow();
        var worker = new PatientWorker(new BudgetedWorker(_app.Services.GetRequiredService<IOrchestratorAgent>(), _conversation), Runtime.Costs);
        Runtime.Costs.PauseChanged += TellPause;
        await new SessionRunner(_script, _provider.Clock).RunAsync(worker, onStep, cancellationToken);
        await Runtime.DrainAsync();
        Runtime.Costs.PauseChanged -= TellPause;
        var took = _provider.Clock.GetUtcNow() - started;
        _provider.SlowDown();
        var totals = await Runtime.Ledger.TotalAsync(new LedgerQuery { From = started }, cancellationToken: cancellationToken);
        return _provider.Measure("TokenBudget", took) with
        {
            CacheHits = (Runtime.Cache.GetStatistics().Hits, _script.Repeated),
            Overhead = overhead.Median,
            LedgerUsd = totals.Sum(static total => total.Cost.Dollars),
        };
    }

    /// <summary>Asks the agent.</summary>
    public Task<string> AskAsync(string question, CancellationToken cancellationToken) =>
        _app.Services.GetRequiredService<IOrchestratorAgent>().AskAsync(_conversation, question, cancellationToken);

    /// <summary>Goes on until somebody stops the program.</summary>
    public Task WaitAsync(CancellationToken cancellationToken) => _app.WaitForShutdownAsync(cancellationToken);

    public async ValueTask DisposeAsync()
    {
        await _app.StopAsync();
        await _app.DisposeAsync();
        await _store.DisposeAsync();
        await _provider.DisposeAsync();
    }

    private static void TellPause(object? sender, BudgetStatus budget)
    {
        if (!budget.IsPaused)
            Console.Error.WriteLine($"Budget {budget.Name} goes on.");
        else if (budget.PausedByHand is { } pause)
            Console.Error.WriteLine($"Budget {budget.Name} was paused by hand{(pause.Reason is { } reason ? $": {reason}" : "")}. The session waits until it is resumed.");
    }

    private async Task AnswerAsync(HttpContext context)
    {
        using var reader = new StreamReader(context.Request.Body);
        var question = await reader.ReadToEndAsync(context.RequestAborted);
        try
        {
            await context.Response.WriteAsync(await AskAsync(question, context.RequestAborted), context.RequestAborted);
        }
        catch (TokenBudgetException exception)
        {
            context.Response.StatusCode = StatusCodes.Status429TooManyRequests;
            await context.Response.WriteAsync(exception.Message, context.RequestAborted);
        }
    }
}
