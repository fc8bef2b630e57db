using System.Text;
using System.Text.Json;
using Microsoft.Extensions.AI;
using TokenBudget.Counting.Media;

namespace TokenBudget.Counting;

/// <summary>Counts one part of a message, whatever it is. Remembers nothing but texts.</summary>
/// <param name="texts">Counts texts.</param>
/// <param name="media">The provider's rule for pictures and documents.</param>
/// <param name="mediaRatio">
/// The provider's tokens for each of ours: its rules are in its own tokens, and what is counted here will be multiplied by this.
/// </param>
internal sealed class ContentCounter(TextMemory texts, MediaFormula media, double mediaRatio)
{
    /// <summary>What frames a tool call, a tool result and content nobody knows.</summary>
    private const int TokensPerToolContent = 6;

    private const int TokensPerArgument = 3;

    // A PDF behind an address or an id: nobody can see how long it is.
    private const int PagesOfUnknown = 10;

    // Speech at 128 kbit/s at the 32 tokens a second that Google publishes; other providers charge less.
    private const int AudioBytesPerToken = 16_000 / 32;

    // Film at 2 Mbit/s at the 263 tokens a second that Google publishes, the only provider that takes it.
    private const int VideoBytesPerToken = 250_000 / 263;

    // Office files and the like are packed; what is taken out of them is text.
    private const int FileBytesPerToken = 8;

    // Far more than fits any model, and few enough that a message of many files does not overflow.
    private const int MostTokens = 10_000_000;

    public int Count(AIContent content) => content switch
    {
        TextContent text => texts.Count(text.Text),
        TextReasoningContent reasoning => Count(reasoning),
        FunctionCallContent call => TokensPerToolContent + texts.Count(call.Name) + Count(call.Arguments),
        FunctionResultContent result => TokensPerToolContent + CountValue(result.Result),
        DataContent data => Count(data),
        UriContent uri => CountUnseen(uri.MediaType, bytes: null, DetailOf(uri)),
        HostedFileContent file => CountUnseen(file.MediaType ?? "application/pdf", file.SizeInBytes, DetailOf(file)),
        ErrorContent error => texts.Count(error.Message),
        // Never sent to a model.
        UsageContent or HostedVectorStoreContent => 0,
        ToolApprovalRequestContent request => request.ToolCall is { } asked ? Count(asked) : TokensPerToolContent,
        McpServerToolCallContent call => TokensPerToolContent + texts.Count(call.ServerName) + texts.Count(call.Name) + Count(call.Arguments),
        McpServerToolResultContent result => TokensPerToolContent + Count(result.Outputs),
        CodeInterpreterToolCallContent call => TokensPerToolContent + Count(call.Inputs),
        CodeInterpreterToolResultContent result => TokensPerToolContent + Count(result.Outputs),
        _ => TokensPerToolContent,
    };

    /// <summary>A provider's tokens in ours.</summary>
    public int FromProvider(long tokens) => (int)Math.Min(MostTokens, Math.Ceiling(tokens / mediaRatio));

    private int Count(TextReasoningContent reasoning)
    {
        if (!string.IsNullOrEmpty(reasoning.Text))
            return texts.Count(reasoning.Text);
        // Sealed reasoning is billed as the text it hides: base64 of about as many bytes as that has characters, four to a token.
        return (reasoning.ProtectedData?.Length ?? 0) * 3 / 16;
    }

    private int Count(IDictionary<string, object?>? arguments)
    {
        var tokens = 0;
        foreach (var (name, value) in arguments ?? EmptyArguments)
            tokens += TokensPerArgument + texts.Count(name) + CountValue(value);
        return tokens;
    }

    private static readonly Dictionary<string, object?> EmptyArguments = [];

    private int Count(IEnumerable<AIContent>? contents)
    {
        var tokens = 0;
        foreach (var content in contents ?? [])
            tokens += Count(content);
        return tokens;
    }

    private int CountValue(object? value) => value switch
    {
        null => 1,
        string text => texts.Count(text),
        JsonElement json => texts.Count(json, value),
        AIContent content => Count(content),
        IEnumerable<AIContent> contents => Count(contents),
        _ => texts.CountOnce(Serialize(value)),
    };

    /// <summary>As the adapters of the providers do it; what cannot be serialized must fail when it is sent, not when it is counted.</summary>
    private static string Serialize(object value)
    {
        try
        {
            return JsonSerializer.Serialize(value, AIJsonUtilities.DefaultOptions.GetTypeInfo(typeof(object)));
        }
        catch (Exception exception) when (exception is NotSupportedException or JsonException or InvalidOperationException)
        {
            return value.ToString() ?? string.Empty;
        }
    }

    private int Count(DataContent data)
    {
        if (data.HasTopLevelMediaType("image"))
            return FromProvider(media.Image(ImageHeader.Read(data.Data.Span), DetailOf(data)));
        if (IsPdf(data.MediaType))
            return FromProvider((long)PdfPages.Count(data.Data.Span) * media.TokensPerPage);
        return IsText(data.MediaType)
            ? texts.CountOnce(Encoding.UTF8.GetString(data.Data.Span))
            : CountUnseen(data.MediaType, data.Data.Length, ImageDetail.Automatic);
    }

    /// <summary>What cannot be looked into: by its kind and, where it is known, its size in bytes.</summary>
    private int CountUnseen(string mediaType, long? bytes, ImageDetail detail)
    {
        if (mediaType.StartsWith("image/", StringComparison.OrdinalIgnoreCase))
            return FromProvider(media.Image(null, detail));
        if (bytes is not { } size)
            return FromProvider((long)PagesOfUnknown * media.TokensPerPage);
        if (IsPdf(mediaType))
            return FromProvider((long)PdfPages.OfSize(size) * media.TokensPerPage);
        if (mediaType.StartsWith("audio/", StringComparison.OrdinalIgnoreCase))
            return FromProvider((size / AudioBytesPerToken) + 1);
        return mediaType.StartsWith("video/", StringComparison.OrdinalIgnoreCase)
            ? FromProvider((size / VideoBytesPerToken) + 1)
            : (int)Math.Min(MostTokens, (size / FileBytesPerToken) + 1);
    }

    private static bool IsPdf(string mediaType) => mediaType.StartsWith("application/pdf", StringComparison.OrdinalIgnoreCase);

    private static bool IsText(string mediaType) =>
        mediaType.StartsWith("text/", StringComparison.OrdinalIgnoreCase)
        || mediaType.Contains("json", StringComparison.OrdinalIgnoreCase)
        || mediaType.Contains("xml", StringComparison.OrdinalIgnoreCase) && !mediaType.Contains("openxmlformats", StringComparison.OrdinalIgnoreCase)
        || mediaType.Contains("yaml", StringComparison.OrdinalIgnoreCase)
        || mediaType.Contains("javascript", StringComparison.OrdinalIgnoreCase);

    /// <summary>The property the OpenAI adapter of Microsoft.Extensions.AI reads.</summary>
    private static ImageDetail DetailOf(AIContent content) =>
        content.AdditionalProperties?.TryGetValue("detail", out var detail) == true && Enum.TryParse<ImageDetail>(detail?.ToString(), ignoreCase: true, out var known)
            ? known
            : ImageDetail.Automatic;
}
