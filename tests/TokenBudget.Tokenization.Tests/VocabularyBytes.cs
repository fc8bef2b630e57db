using System.Text;

namespace TokenBudget.Tokenization.Tests;

/// <summary>The bytes of tokens as Latin-1 characters, which makes them usable as keys and readable in a failure.</summary>
internal static class VocabularyBytes
{
    public static string Of(Vocabulary vocabulary, int id)
    {
        var bytes = new byte[vocabulary.LongestToken];
        return Encoding.Latin1.GetString(bytes, 0, vocabulary.CopyBytes(id, bytes, 0));
    }
}
