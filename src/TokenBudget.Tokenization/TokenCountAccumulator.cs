namespace TokenBudget.Tokenization;

/// <summary>Counts the tokens of a text that arrives in pieces, as an answer is streamed: always the count of the whole text so far.</summary>
/// <remarks>
/// <para>
/// The sum of the counts of the parts would be too large, for tokens reach from one part into the next. This keeps the end of the text whose
/// tokens what follows may still change, a word or so, and the number of tokens before it. So appending takes time in proportion to what
/// is appended, and memory does not grow with the text, except for a single word that goes on without an end (such as base64),
/// which is kept; asking for <see cref="Count"/> takes time in proportion to what is kept.
/// </para>
/// <para>Not thread-safe. Positions and lengths are in UTF-16 code units; a surrogate pair may arrive in two parts.</para>
/// </remarks>
public sealed unsafe class TokenCountAccumulator
{
    // Less than this is not worth a look at what can be settled.
    private const int Slice = 512;

    private readonly Tokenizer _tokenizer;
    private char[] _open = new char[2 * Slice];
    private int _length;

    // Looking again before the open text has doubled would make a word without an end quadratic.
    private int _settleAt = Slice;
    private int _settled;
    private int _count;
    private bool _isCounted = true;

    /// <summary>Starts with an empty text.</summary>
    /// <param name="tokenizer">What counts.</param>
    /// <exception cref="ArgumentNullException"><paramref name="tokenizer"/> is null.</exception>
    public TokenCountAccumulator(Tokenizer tokenizer) => _tokenizer = tokenizer ?? throw new ArgumentNullException(nameof(tokenizer));

    /// <summary>The number of tokens of everything appended since the start or the last <see cref="Reset"/>.</summary>
    /// <exception cref="OverflowException">There are more than <see cref="int.MaxValue"/> tokens.</exception>
    public int Count
    {
        get
        {
            if (!_isCounted)
            {
                fixed (char* open = _open)
                    _count = checked(_settled + _tokenizer.CountWhole(open, _length));
                _isCounted = true;
            }

            return _count;
        }
    }

    /// <summary>Adds to the end of the text.</summary>
    /// <param name="text">What follows; may be empty.</param>
    /// <exception cref="ArgumentNullException"><paramref name="text"/> is null.</exception>
    public void Append(string text)
    {
        if (text is null)
            throw new ArgumentNullException(nameof(text));
        fixed (char* characters = text)
            Append(characters, text.Length);
    }

#if NET
    /// <inheritdoc cref="Append(string)"/>
    public void Append(ReadOnlySpan<char> text)
    {
        fixed (char* characters = text)
            Append(characters, text.Length);
    }
#endif

    /// <summary>Forgets the text, to count another one in the same memory.</summary>
    public void Reset()
    {
        _length = 0;
        _settled = 0;
        _count = 0;
        _settleAt = Slice;
        _isCounted = true;
    }

    private void Append(char* text, int length)
    {
        if (length > 0)
            _isCounted = false;
        while (length > 0)
        {
            var size = Math.Min(length, Slice);
            if (_open.Length - _length < size)
                Array.Resize(ref _open, checked(2 * _open.Length));
            for (var i = 0; i < size; i++)
                _open[_length + i] = text[i];
            _length += size;
            text += size;
            length -= size;
            if (_length >= _settleAt)
                Settle();
        }
    }

    private void Settle()
    {
        int settled;
        fixed (char* open = _open)
            _settled = checked(_settled + _tokenizer.CountSettled(open, _length, out settled));
        _length -= settled;
        Array.Copy(_open, settled, _open, 0, _length);
        _settleAt = Math.Max(Slice, 2 * _length);
    }
}
