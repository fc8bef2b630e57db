using System.Text;
using Microsoft.CodeAnalysis.CSharp;
using TokenBudget.Generators.Models;

namespace TokenBudget.Generators.Parsing;

/// <summary>Reads the text of a <c>[Prompt]</c>: <c>{name}</c>, <c>{name:format}</c>, <c>{{</c> and <c>}}</c>.</summary>
internal static class PromptTemplate
{
    /// <summary>The pieces of a template, neighbouring text joined.</summary>
    /// <param name="template">The text.</param>
    /// <param name="error">What is wrong with it, or null.</param>
    public static List<PromptPart> Parse(string template, out string? error)
    {
        var parts = new List<PromptPart>();
        var text = new StringBuilder();
        error = null;
        for (var i = 0; i < template.Length; i++)
        {
            var character = template[i];
            if (character is not ('{' or '}'))
            {
                text.Append(character);
            }
            else if (i + 1 < template.Length && template[i + 1] == character)
            {
                text.Append(character);
                i++;
            }
            else if (character == '}')
            {
                error = "its prompt has a '}' without a '{'; write '}}' for a brace";
                return parts;
            }
            else
            {
                var end = template.IndexOf('}', i);
                var placeholder = end < 0 ? template.Substring(i + 1) : template.Substring(i + 1, end - i - 1);
                var colon = placeholder.IndexOf(':');
                var name = colon < 0 ? placeholder : placeholder.Substring(0, colon);
                if (end < 0 || !SyntaxFacts.IsValidIdentifier(name))
                {
                    error = "its prompt has a '{' that starts no placeholder; write '{{' for a brace and '{name}' for a parameter";
                    return parts;
                }

                Flush(parts, text);
                parts.Add(new PromptPart(IsValue: true, name, colon < 0 ? null : placeholder.Substring(colon + 1)));
                i = end;
            }
        }

        Flush(parts, text);
        return parts;
    }

    private static void Flush(List<PromptPart> parts, StringBuilder text)
    {
        if (text.Length == 0)
            return;
        parts.Add(new PromptPart(IsValue: false, text.ToString()));
        text.Clear();
    }
}
