using System.Buffers.Binary;

namespace TokenBudget.Counting.Media;

/// <summary>Reads the size of a picture from its first bytes; nothing is decoded.</summary>
internal static class ImageHeader
{
    /// <summary>The size of a PNG, JPEG, GIF or WebP picture; none for other or damaged data.</summary>
    public static PixelSize? Read(ReadOnlySpan<byte> data)
    {
        var size = data switch
        {
            [0x89, (byte)'P', (byte)'N', (byte)'G', ..] => Png(data),
            [0xFF, 0xD8, ..] => Jpeg(data),
            [(byte)'G', (byte)'I', (byte)'F', (byte)'8', ..] => Gif(data),
            [(byte)'R', (byte)'I', (byte)'F', (byte)'F', ..] => WebP(data),
            _ => default,
        };
        return size is { Width: > 0, Height: > 0 } ? size : null;
    }

    /// <summary>PNG, ISO 15948: the first chunk is IHDR, and its first eight bytes are the two sides.</summary>
    private static PixelSize Png(ReadOnlySpan<byte> data) =>
        data.Length >= 24 ? new PixelSize(BinaryPrimitives.ReadInt32BigEndian(data[16..]), BinaryPrimitives.ReadInt32BigEndian(data[20..])) : default;

    /// <summary>GIF89a: the logical screen follows the six bytes of the signature.</summary>
    private static PixelSize Gif(ReadOnlySpan<byte> data) =>
        data.Length >= 10 ? new PixelSize(BinaryPrimitives.ReadUInt16LittleEndian(data[6..]), BinaryPrimitives.ReadUInt16LittleEndian(data[8..])) : default;

    /// <summary>JPEG, ITU T.81: segments of marker and length up to the frame header, which has height and width behind its precision.</summary>
    private static PixelSize Jpeg(ReadOnlySpan<byte> data)
    {
        var at = 2;
        while (at + 9 <= data.Length)
        {
            if (data[at] != 0xFF)
                return default;
            var marker = data[at + 1];
            if (marker == 0xFF)
            {
                at++;
                continue;
            }

            // Markers without a segment: TEM and the restarts.
            if (marker is 0x01 or (>= 0xD0 and <= 0xD8))
            {
                at += 2;
                continue;
            }

            // Every start of frame, but not DHT, JPG and DAC, which share its range.
            if (marker is >= 0xC0 and <= 0xCF and not (0xC4 or 0xC8 or 0xCC))
                return new PixelSize(BinaryPrimitives.ReadUInt16BigEndian(data[(at + 7)..]), BinaryPrimitives.ReadUInt16BigEndian(data[(at + 5)..]));
            at += 2 + BinaryPrimitives.ReadUInt16BigEndian(data[(at + 2)..]);
        }

        return default;
    }

    /// <summary>WebP, RFC 9649: lossy (VP8), lossless (VP8L) and extended (VP8X) files keep the size in different places.</summary>
    private static PixelSize WebP(ReadOnlySpan<byte> data)
    {
        if (data.Length < 30 || !data[8..].StartsWith("WEBP"u8))
            return default;
        var kind = data[12..16];
        if (kind.SequenceEqual("VP8X"u8))
            return new PixelSize(1 + ReadUInt24(data[24..]), 1 + ReadUInt24(data[27..]));
        if (kind.SequenceEqual("VP8L"u8))
        {
            var bits = BinaryPrimitives.ReadUInt32LittleEndian(data[21..]);
            return new PixelSize(1 + (int)(bits & 0x3FFF), 1 + (int)((bits >> 14) & 0x3FFF));
        }

        return kind.SequenceEqual("VP8 "u8)
            ? new PixelSize(BinaryPrimitives.ReadUInt16LittleEndian(data[26..]) & 0x3FFF, BinaryPrimitives.ReadUInt16LittleEndian(data[28..]) & 0x3FFF)
            : default;
    }

    private static int ReadUInt24(ReadOnlySpan<byte> data) => data[0] | (data[1] << 8) | (data[2] << 16);
}
