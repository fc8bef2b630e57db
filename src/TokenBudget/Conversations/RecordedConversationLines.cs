namespace TokenBudget.Conversations;

/// <summary>Splits a stream at line feeds, and only there, without decoding it. A line is valid until the next one is asked for.</summary>
internal sealed class RecordedConversationLines(Stream stream)
{
    private byte[] _buffer = new byte[1 << 16];
    private int _start;
    private int _end;
    private int _searched;
    private bool _ended;

    /// <summary>The line, without its line feed.</summary>
    public ReadOnlyMemory<byte> Current { get; private set; }

    /// <summary>The number of the line, from 1; 0 before the first.</summary>
    public long Number { get; private set; }

    /// <summary>Whether the line has nothing to read.</summary>
    public bool IsBlank => !Current.Span.ContainsAnyExcept(" \t\r"u8);

    public async ValueTask<bool> MoveNextAsync(CancellationToken cancellationToken)
    {
        while (true)
        {
            var feed = _buffer.AsSpan(_searched, _end - _searched).IndexOf((byte)'\n');
            if (feed >= 0)
            {
                Take(_searched + feed, _searched + feed + 1);
                return true;
            }

            _searched = _end;
            if (_ended)
            {
                if (_start == _end)
                    return false;
                Take(_end, _end);
                return true;
            }

            MakeRoom();
            var read = await stream.ReadAsync(_buffer.AsMemory(_end), cancellationToken).ConfigureAwait(false);
            _ended = read == 0;
            _end += read;
        }
    }

    private void Take(int end, int next)
    {
        Number++;
        var line = _buffer.AsMemory(_start, end - _start);
        Current = Number == 1 && line.Span.StartsWith("\uFEFF"u8) ? line[3..] : line;
        _start = _searched = next;
    }

    private void MakeRoom()
    {
        if (_start > 0)
        {
            _buffer.AsSpan(_start, _end - _start).CopyTo(_buffer);
            (_end, _searched, _start) = (_end - _start, _searched - _start, 0);
        }

        if (_end == _buffer.Length)
            Array.Resize(ref _buffer, checked(_buffer.Length * 2));
    }
}
