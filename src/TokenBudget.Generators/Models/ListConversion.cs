namespace TokenBudget.Generators.Models;

/// <summary>What makes an <c>IList&lt;ChatMessage&gt;</c> into the declared type of a parameter.</summary>
internal enum ListConversion
{
    /// <summary>Nothing: it is one already.</summary>
    None,

    /// <summary>A new list.</summary>
    List,

    /// <summary>A new array.</summary>
    Array,
}
