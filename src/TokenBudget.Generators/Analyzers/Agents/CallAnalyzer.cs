namespace TokenBudget.Generators.Analyzers.Agents;

/// <summary>A rule about the methods of attributed interfaces, one by one.</summary>
public abstract class CallAnalyzer : AgentAnalyzer
{
    private protected CallAnalyzer()
    {
    }

    /// <summary>Looks at one method.</summary>
    private protected abstract void Check(CallReading call, Action<Diagnostic> report, CancellationToken cancellationToken);

    /// <inheritdoc/>
    private protected sealed override void Check(AgentReading agent, Action<Diagnostic> report, CancellationToken cancellationToken)
    {
        foreach (var call in agent.Calls)
            Check(call, report, cancellationToken);
    }
}
