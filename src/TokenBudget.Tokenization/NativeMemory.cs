using System.Runtime.InteropServices;

namespace TokenBudget.Tokenization;

/// <summary>Memory for tables that live as long as the process: addressed without bounds checks and never moved or freed.</summary>
internal static unsafe class NativeMemory
{
    private const int CacheLine = 64;

    /// <summary>Zeroed memory that starts at a cache line.</summary>
    public static byte* Allocate(int bytes)
    {
        var address = (byte*)((long)Marshal.AllocHGlobal(bytes + CacheLine) + (CacheLine - 1) & -CacheLine);
#if NET
        new Span<byte>(address, bytes).Clear();
#else
        for (var i = 0; i < bytes; i++)
            address[i] = 0;
#endif
        return address;
    }
}
