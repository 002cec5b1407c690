import CPlatform

#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#else
    import Darwin
#endif

/// The two ends of a pipe, both close-on-exec.
package struct PipeEnds: ~Copyable {
    package let reading: Descriptor
    package let writing: Descriptor

    package init() throws(SystemError) {
        var ends: (Int32, Int32) = (-1, -1)
        let result = withUnsafeMutableBytes(of: &ends) {
            cplatform_pipe($0.assumingMemoryBound(to: Int32.self).baseAddress.unsafelyUnwrapped)
        }
        guard result == 0 else { throw SystemError("creating a pipe") }
        reading = Descriptor(owning: ends.0)
        writing = Descriptor(owning: ends.1)
    }

    /// Keeps the end that is read from and closes the other.
    package consuming func takeReading() -> Descriptor { reading }

    /// The numbers of both ends, which the caller owns.
    package consuming func release() -> (reading: Int32, writing: Int32) {
        (reading.release(), writing.release())
    }

    /// Keeps the end that is written to and closes the other.
    package consuming func takeWriting() -> Descriptor { writing }
}
