namespace TokenBudget.Generators.Models;

/// <summary>How a method's result is made of a response.</summary>
internal enum ReplyKind
{
    /// <summary>The response's text.</summary>
    Text,

    /// <summary>The response itself.</summary>
    Response,

    /// <summary>The name of an enum's value.</summary>
    Enum,

    /// <summary>JSON of any other type.</summary>
    Json,

    /// <summary>The stream of updates.</summary>
    Stream,

    /// <summary>The stream of the updates' texts.</summary>
    TextStream,
}
