#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#else
    import Darwin
#endif

/// Writes all bytes, as far as the file takes them.
package func writeAll(_ descriptor: Int32, _ bytes: UnsafeRawBufferPointer) {
    var rest = bytes[...]
    while !rest.isEmpty,
        let count = retryingInterruptions({
            write(descriptor, UnsafeRawBufferPointer(rebasing: rest).baseAddress, rest.count)
        })
    {
        rest = rest.dropFirst(count)
    }
}
