#if !NET
using System.Runtime.InteropServices;
#endif

namespace TokenBudget.Tokenization;

/// <summary>Memory for tables that live as long as the process: addressed without bounds checks and never moved or freed.</summary>
internal static unsafe class NativeMemory
{
    private const int CacheLine = 64;

    /// <summary>Zeroed memory that starts at a cache line.</summary>
    public static byte* Allocate(int bytes)
    {
#if NET
        // From the system zeroed, page by page as it is touched: most of a cache is not before the first count.
        var memory = (long)System.Runtime.InteropServices.NativeMemory.AllocZeroed((nuint)bytes + CacheLine);
        return (byte*)(memory + (CacheLine - 1) & -CacheLine);
#else
        var address = (byte*)((long)Marshal.AllocHGlobal(bytes + CacheLine) + (CacheLine - 1) & -CacheLine);
        for (var i = 0; i < bytes; i++)
            address[i] = 0;
        return address;
#endif
    }
}
