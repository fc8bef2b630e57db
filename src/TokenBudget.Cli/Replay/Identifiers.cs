using System.Text.Json;
using Microsoft.Extensions.AI;

namespace TokenBudget.Cli.Replay;

/// <summary>Finds the words that name something: paths, members, numbers, flags.</summary>
/// <remarks>
/// <para>A word is a run of letters, digits and <c>_ . / -</c>, without dots at its ends, so that the end of a sentence is no part of it.
/// It is an identifier when it has five characters or more and a digit, an underscore, a slash, a dot between letters or digits, or a
/// small letter followed by a capital. Case counts.</para>
/// <para>Of a message count its text, the names of called tools, their arguments as the JSON that the model wrote, and tool results; not call
/// ids, which the program and not the model remembers.</para>
/// </remarks>
internal static class Identifiers
{
    private const int ShortestLength = 5;

    /// <summary>All identifiers of a message.</summary>
    public static HashSet<string> Of(ChatMessage message)
    {
        var found = new HashSet<string>(StringComparer.Ordinal);
        foreach (var content in message.Contents)
        {
            switch (content)
            {
                case TextContent text:
                    Collect(text.Text, found);
                    break;
                case FunctionCallContent call:
                    Collect(call.Name, found);
                    foreach (var (name, value) in call.Arguments ?? new Dictionary<string, object?>())
                    {
                        Collect(name, found);
                        Collect(value, found);
                    }

                    break;
                case FunctionResultContent result:
                    Collect(result.Result, found);
                    break;
            }
        }

        return found;
    }

    /// <summary>All identifiers of a text.</summary>
    public static void Collect(ReadOnlySpan<char> text, HashSet<string> found)
    {
        var known = found.GetAlternateLookup<ReadOnlySpan<char>>();
        for (var start = 0; start < text.Length; start++)
        {
            var end = start;
            while (end < text.Length && IsOfWord(text[end]))
                end++;
            var word = text[start..end].Trim('.');
            if (IsIdentifier(word))
                known.Add(word);
            start = end;
        }
    }

    private static void Collect(object? value, HashSet<string> found)
    {
        switch (value)
        {
            case string text:
                Collect(text.AsSpan(), found);
                break;
            case JsonElement json:
                // As the model wrote it, escapes and all.
                Collect(json.GetRawText(), found);
                break;
        }
    }

    private static bool IsOfWord(char character) => char.IsLetterOrDigit(character) || character is '_' or '.' or '/' or '-';

    private static bool IsIdentifier(ReadOnlySpan<char> word)
    {
        if (word.Length < ShortestLength)
            return false;
        for (var index = 0; index < word.Length; index++)
        {
            var character = word[index];
            if (char.IsDigit(character) || character is '_' or '/')
                return true;
            if (index == 0)
                continue;
            if (char.IsUpper(character) && char.IsLower(word[index - 1]))
                return true;
            if (character == '.' && char.IsLetterOrDigit(word[index - 1]) && index + 1 < word.Length && char.IsLetterOrDigit(word[index + 1]))
                return true;
        }

        return false;
    }
}
