namespace Akka.Ingest.Stores.Segmented.Sealing;

using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using ParquetSharp;

/// <summary>Reads the memory that the Parquet library lends, without unsafe code.</summary>
internal static class NativeBytes
{
    /// <summary>Valid as long as the library keeps the page or dictionary that the value came from.</summary>
    public static ReadOnlySpan<byte> Span(in ByteArray value) =>
        value.Length == 0 ? default : MemoryMarshal.CreateReadOnlySpan(ref Unsafe.AddByteOffset(ref Unsafe.NullRef<byte>(), value.Pointer), value.Length);
}
