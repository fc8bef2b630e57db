using System.Text.RegularExpressions;

namespace TokenBudget.Summarization;

/// <summary>Text of a conversation as it may stand between our markers.</summary>
internal static partial class SummaryText
{
    /// <summary>
    /// Keeps text from closing a marker or opening another: a <c>&lt;</c> that begins one becomes <c>‹</c>. Others stay (<c>a &lt; b</c>,
    /// <c>List&lt;string&gt;</c>), because identifiers are what a summary has to keep.
    /// </summary>
    public static string Escape(string text) => Marker().Replace(text, "‹");

    // Blanks and characters nobody sees do not hide a marker from a model.
    [GeneratedRegex(@"<(?=[\s\p{C}]*(?:/|!|\?|conversation|earlier_summary|system|instruction))", RegexOptions.IgnoreCase | RegexOptions.CultureInvariant)]
    private static partial Regex Marker();
}
