namespace TokenBudget.Routing;

/// <summary>Why a request goes to another model.</summary>
internal enum RouteReason
{
    /// <summary>It does not.</summary>
    None,

    /// <summary>The model is overloaded.</summary>
    Overloaded,

    /// <summary>A budget is low.</summary>
    LowBudget,

    /// <summary>The request is simple.</summary>
    Simple,
}
