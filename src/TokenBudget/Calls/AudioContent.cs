using Microsoft.Extensions.AI;

namespace TokenBudget.Calls;

/// <summary>Finds what a provider may bill as audio: sound, and film, which has some.</summary>
internal static class AudioContent
{
    public static bool MayBeIn(IReadOnlyList<ChatMessage> messages)
    {
        // By index: an enumerator of a list behind its interface is an allocation for every message.
        for (var message = 0; message < messages.Count; message++)
        {
            var contents = messages[message].Contents;
            for (var content = 0; content < contents.Count; content++)
                if (MayBe(contents[content]))
                    return true;
        }

        return false;
    }

    private static bool MayBe(object? content) => content switch
    {
        TextContent => false,
        DataContent data => IsHeard(data.MediaType),
        UriContent uri => IsHeard(uri.MediaType),
        HostedFileContent file => IsHeard(file.MediaType),
        FunctionResultContent result => MayBe(result.Result),
        IEnumerable<AIContent> contents => contents.Any(MayBe),
        _ => false,
    };

    private static bool IsHeard(string? mediaType) => mediaType is not null
        && (mediaType.StartsWith("audio/", StringComparison.OrdinalIgnoreCase) || mediaType.StartsWith("video/", StringComparison.OrdinalIgnoreCase));
}
