namespace TokenBudget.Sharing;

/// <summary>On what terms shares are lent.</summary>
/// <param name="Lifetime">How long a share may be used without being renewed.</param>
/// <param name="Lingers">How long it stays taken after that, because what was done with it still counts.</param>
/// <param name="WorksAlone">Whether the process goes on with an equal part of the limit when its share is not renewed; then that part stays taken as well.</param>
public readonly record struct ShareTerms(TimeSpan Lifetime, TimeSpan Lingers, bool WorksAlone);
