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
        let ends = try descriptorPair("creating a pipe") { cplatform_pipe($0) }
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
