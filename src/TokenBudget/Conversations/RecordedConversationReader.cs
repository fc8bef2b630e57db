using System.IO.Compression;
using System.Runtime.CompilerServices;
using System.Text.Json;

namespace TokenBudget.Conversations;

/// <summary>
/// Reads recorded conversations from a <c>.jsonl</c> or <c>.jsonl.gz</c> file, one a line:
/// <c>id</c>, <c>source</c>, <c>model</c> and <c>messages</c>, an array of <c>role</c> (system, developer, user, assistant or tool),
/// <c>content</c> (a string, an array of text parts, or null), <c>tool_calls</c> (<c>id</c>, <c>name</c>, <c>arguments</c>) and <c>tool_call_id</c>.
/// </summary>
/// <remarks>
/// <para>Lines end with a line feed and nothing else: other line separators of Unicode occur inside strings.</para>
/// <para>Arguments of a call that are a JSON object become the dictionary, with values of <see cref="JsonElement"/>; whatever else
/// they are is kept whole under the key <c>arguments</c>. A call id that occurred before in the conversation gets <c>-2</c>, <c>-3</c>… at its
/// end, and so does its result, because providers refuse a history in which an id occurs twice. A message that says and calls
/// nothing is left out.</para>
/// <para>One conversation is in memory at a time.</para>
/// </remarks>
public static class RecordedConversationReader
{
    /// <summary>Reads a file.</summary>
    /// <param name="path">The file; one whose name ends with <c>.gz</c> is decompressed.</param>
    /// <param name="onError">Called for each line that cannot be read; reading goes on with the next line. Damage of the compressed
    /// data itself is reported once and ends the file.</param>
    /// <param name="cancellationToken">Cancels the read.</param>
    /// <exception cref="FileNotFoundException">There is no such file; thrown by this call, not by the enumeration.</exception>
    public static IAsyncEnumerable<RecordedConversation> ReadAsync(
        string path,
        Action<RecordedConversationError> onError,
        CancellationToken cancellationToken = default)
    {
        ArgumentException.ThrowIfNullOrEmpty(path);
        ArgumentNullException.ThrowIfNull(onError);
        if (!File.Exists(path))
            throw new FileNotFoundException($"There is no file '{path}' of recorded conversations.", path);
        return ReadLinesAsync(path, onError, cancellationToken);
    }

    private static async IAsyncEnumerable<RecordedConversation> ReadLinesAsync(
        string path,
        Action<RecordedConversationError> onError,
        [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        var file = new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.Read, bufferSize: 1 << 16, useAsync: true);
        await using var fileDisposal = file.ConfigureAwait(false);
        Stream content = path.EndsWith(".gz", StringComparison.OrdinalIgnoreCase) ? new GZipStream(file, CompressionMode.Decompress) : file;
        await using var contentDisposal = content.ConfigureAwait(false);
        var lines = new RecordedConversationLines(content);
        while (true)
        {
            RecordedConversation? conversation = null;
            try
            {
                if (!await lines.MoveNextAsync(cancellationToken).ConfigureAwait(false))
                    break;
                if (!lines.IsBlank)
                    conversation = RecordedConversationParser.Parse(lines.Current);
            }
            catch (Exception exception) when (exception is JsonException or FormatException)
            {
                onError(new RecordedConversationError(path, lines.Number, exception.Message));
            }
            catch (InvalidDataException exception)
            {
                onError(new RecordedConversationError(path, lines.Number + 1, $"The compressed data is damaged, and the rest cannot be read: {exception.Message}"));
                break;
            }

            if (conversation is not null)
                yield return conversation;
        }
    }
}
