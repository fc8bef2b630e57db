using System.Security.Cryptography;
using System.Text;
using TokenBudget.Conversations;

namespace TokenBudget.AspNetCore.Metrics;

/// <summary>Answer of <c>GET /api/conversations</c>: sizes only.</summary>
/// <param name="Total">All conversations; none where the store does not tell.</param>
/// <param name="Newest">Those that were last appended to, newest first.</param>
internal sealed record ConversationMetrics(long? Total, IReadOnlyList<ConversationUse> Newest);

/// <summary>
/// One conversation. Its key is the first 16 hexadecimal digits of the SHA-256 of its id: ids are often names or addresses of people, and so who knows one finds its
/// conversation, and who does not learns none.
/// </summary>
internal sealed record ConversationUse(string Key, long Messages, long Tokens, long SummaryTokens, long SummarizedMessages, DateTimeOffset LastActive)
{
    private const int KeyLength = 16;

    public static ConversationUse Of(ConversationSize size) => new(
        KeyOf(size.Id), size.Messages, size.Tokens, size.SummaryTokens, size.SummarizedMessages, size.LastActive);

    public static string KeyOf(string id) => Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(id)))[..KeyLength];
}
