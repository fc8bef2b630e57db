using System.Buffers;
using System.Buffers.Binary;
using System.Runtime.CompilerServices;
using System.Text.Unicode;

namespace TokenBudget.Caching;

// The bytes. A field is a name and a value that tells its kind and carries its own length, so two different sequences of fields are never the same bytes. They are written to a
// page; when the next piece might not fit, the page's digest begins a new one. Where a page ends depends on what is in it and in front of it alone: a history that only grew has the
// pages it had, and their digests are remembered.
public sealed partial class CacheKeyBuilder
{
    private const int PageSize = FingerprintHash.MaxLength;

    // Text and bytes are written in pieces that fit a page whatever they hold. Small against a page, which may stay empty by that much.
    private const int PieceSize = 1024;

    private void Open(Field field)
    {
        WriteName(field);
        WriteKind(Kind.Open);
    }

    private void Close() => WriteByte((byte)Field.End);

    private void WriteName(Field field) => WriteByte((byte)field);

    private void WriteName(string name)
    {
        WriteByte((byte)Field.Named);
        WriteCharacters(name);
    }

    private void WriteKind(Kind kind) => WriteByte((byte)kind);

    private void Write(string? value)
    {
        WriteKind(value is null ? Kind.Null : Kind.Text);
        if (value is not null)
            WriteCharacters(value);
    }

    private void Write(bool? value) => WriteKind(value is not { } known ? Kind.Null : known ? Kind.True : Kind.False);

    private void Write(long? value)
    {
        WriteKind(value is null ? Kind.Null : Kind.Integer);
        if (value is { } known)
            BinaryPrimitives.WriteInt64LittleEndian(Take(sizeof(long)), known);
    }

    private void Write(double? value)
    {
        WriteKind(value is null ? Kind.Null : Kind.Real);
        if (value is { } known)
            BinaryPrimitives.WriteDoubleLittleEndian(Take(sizeof(double)), known);
    }

    private void Write(ReadOnlySpan<byte> value)
    {
        WriteKind(Kind.Bytes);
        WriteInt32(value.Length);
        while (!value.IsEmpty)
        {
            var piece = value[..Math.Min(value.Length, PieceSize)];
            piece.CopyTo(Take(piece.Length));
            value = value[piece.Length..];
        }
    }

    private void Write(Kind kind, in CacheKey digest)
    {
        WriteKind(kind);
        digest.CopyTo(Take(CacheKey.Size));
    }

    // A member that has no value is left out: the next one's name tells.
    private void Add(Field field, string? value)
    {
        if (value is null)
            return;
        WriteName(field);
        Write(value);
    }

    private void Add(Field field, bool? value)
    {
        if (value is null)
            return;
        WriteName(field);
        Write(value);
    }

    private void Add(Field field, long? value)
    {
        if (value is null)
            return;
        WriteName(field);
        Write(value);
    }

    private void Add(Field field, double? value)
    {
        if (value is null)
            return;
        WriteName(field);
        Write(value);
    }

    /// <summary>
    /// Writes the number of UTF-16 units, then the text as UTF-8. A surrogate without its other half, which UTF-8 would replace and so confuse with others, is written raw.
    /// </summary>
    private void WriteCharacters(ReadOnlySpan<char> text)
    {
        WriteInt32(text.Length);
        while (!text.IsEmpty)
        {
            // A pair cut in two is written as two raw halves, for every writer at the same place.
            var piece = text.Length <= PieceSize ? text : text[..PieceSize];
            Reserve(piece.Length * 3);
            var status = Utf8.FromUtf16(piece, _page.AsSpan(_used), out var read, out var written, replaceInvalidSequences: false);
            _used += written;
            text = text[read..];
            if (status == OperationStatus.Done)
                continue;
            // 0xFF never occurs in UTF-8.
            WriteByte(0xFF);
            BinaryPrimitives.WriteUInt16BigEndian(Take(sizeof(ushort)), text[0]);
            text = text[1..];
        }
    }

    private void WriteByte(byte value) => Take(1)[0] = value;

    private void WriteInt32(int value) => BinaryPrimitives.WriteInt32LittleEndian(Take(sizeof(int)), value);

    /// <summary>The next bytes, to be written; at most three pieces' worth.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private Span<byte> Take(int count)
    {
        Reserve(count);
        var bytes = _page.AsSpan(_used, count);
        _used += count;
        return bytes;
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private void Reserve(int count)
    {
        if (PageSize - _used < count)
            TurnPage();
    }

    private void TurnPage()
    {
        ObjectDisposedException.ThrowIf(_page.Length == 0, this);
        var digest = DigestOfPage();
        _used = 0;
        _isTurned = true;
        WriteInt32(NextPage);
        digest.CopyTo(Take(CacheKey.Size));
    }

    private CacheKey DigestOfPage()
    {
        var bytes = _page.AsSpan(0, _used);
        Fingerprint fingerprint = default;
        if (_digests is not null && _digests.TryFind(bytes, DigestUse.Page, out fingerprint, out var known))
            return known;
        var digest = CacheKey.HashOf(bytes);
        _digests?.Keep(fingerprint, digest);
        return digest;
    }

    private void Begin()
    {
        _used = 0;
        WriteInt32(FirstPage);
    }
}
