import CPlatform
import ProxyTransport
import ProxyWire

#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#else
    import Darwin
#endif

/// Takes what is written to descriptors 1 and 2: by C code, by subprocesses, by anything.
///
/// A thread of ours empties the pipes and never needs the GIL: C code that fills a pipe while it holds
/// the GIL would otherwise wait for ever.
final class OutputCapture: Sendable {
    typealias Deliver = @Sendable (Output.Stream, UnsafeRawBufferPointer) -> Void

    private static let readsPerPass = 16

    private let sources: [(stream: Output.Stream, descriptor: Int32)]
    /// What descriptors 0, 1 and 2 refer to, should Python code close them.
    private let originals: [Int32]
    /// Which files those are.
    private let originalFiles: [FileIdentity?]
    /// Held while bytes are read and passed on, so that they stay in order.
    private let scratch: ConditionMutex<[UInt8]>
    private let deliver: Deliver

    /// Replaces descriptors 1 and 2 by pipes.
    ///
    /// - Parameter deliver: called with bytes in the order in which they were written to each stream.
    init(deliver: @escaping Deliver) throws(SystemError) {
        self.deliver = deliver
        scratch = ConditionMutex([UInt8](repeating: 0, count: 1 << 16))
        let output = try PipeEnds()
        let error = try PipeEnds()
        guard dup2(output.writing.number, 1) == 1, dup2(error.writing.number, 2) == 2 else {
            throw SystemError("redirecting standard output")
        }
        // The reading ends live as long as the process. So do second writing ends: if someone replaces
        // descriptor 1 or 2, the pipes must not look closed.
        originals = [
            try Descriptor(opening: "/dev/null", flags: O_RDONLY).release(),
            try Descriptor(duplicating: output.writing.number).release(),
            try Descriptor(duplicating: error.writing.number).release(),
        ]
        originalFiles = originals.map(FileIdentity.init)
        let numbers = [output.takeReading().release(), error.takeReading().release()]
        sources = [(.standardOutput, numbers[0]), (.standardError, numbers[1])]
        for number in numbers {
            _ = cplatform_set_nonblocking(number, true)
            cplatform_close_in_forked_children(number, true)
        }
        cplatform_line_buffer_stdout()
        try NativeThread.start { [self] in
            while true {
                waitForBytes()
                drain()
            }
        }
    }

    /// Passes on what C code has written up to now.
    ///
    /// Called when a call has ended and before its reply is sent, so that output comes first.
    func flush() {
        cplatform_flush_output()
        // Under the lock: the draining thread may have read bytes that it has not passed on yet.
        let found = scratch.withLock { scratch in
            let found = look()
            if found & 8 != 0 { drain(&scratch) }
            return found
        }
        for number in 0..<3 where found & 1 << number != 0 {
            // The next call, and the next client, print as before.
            _ = dup2(originals[number], Int32(number))
        }
    }

    private func look() -> Int32 {
        withUnsafeTemporaryAllocation(of: Int32.self, capacity: 2) { numbers in
            numbers[0] = sources[0].descriptor
            numbers[1] = sources[1].descriptor
            return cplatform_look_at_output(numbers.baseAddress.unsafelyUnwrapped)
        }
    }

    /// Passes on what has been written to the descriptors up to now, and then runs `body`, so that what it
    /// passes on comes after that.
    func inOrder(_ body: () -> Void) {
        // Not under the lock: another thread may hold C's lock on stdout while it waits for room in a pipe.
        cplatform_flush_output()
        scratch.withLock { scratch in
            drain(&scratch)
            body()
        }
    }

    /// Whether a stream's descriptor leads somewhere else: Python code has put a file in its place, and what it
    /// prints belongs there.
    func isRedirected(_ stream: Output.Stream) -> Bool {
        let number = Int32(stream.rawValue)
        // One that is closed leads nowhere else.
        guard let current = FileIdentity(number) else { return false }
        return current != originalFiles[Int(number)]
    }

    private struct FileIdentity: Equatable {
        let device: dev_t
        let file: ino_t

        init?(_ descriptor: Int32) {
            var status = stat()
            guard fstat(descriptor, &status) == 0 else { return nil }
            (device, file) = (status.st_dev, status.st_ino)
        }
    }

    /// The ends of the pipes that are read from.
    var descriptors: [Int32] { sources.map(\.descriptor) }

    private func waitForBytes() {
        var polled = sources.map {
            pollfd(fd: $0.descriptor, events: Int16(POLLIN), revents: 0)
        }
        _ = retryingInterruptions { poll(&polled, nfds_t(polled.count), -1) }
    }

    private func drain() {
        scratch.withLock { drain(&$0) }
    }

    private func drain(_ scratch: inout [UInt8]) {
        for (stream, descriptor) in sources where cplatform_readable_bytes(descriptor) > 0 {
            scratch.withUnsafeMutableBytes { bytes in
                // More than a pipe holds, but bounded: someone may write faster than this reads, and
                // others wait for the lock.
                for _ in 0..<Self.readsPerPass {
                    guard
                        let count = retryingInterruptions({
                            read(descriptor, bytes.baseAddress, bytes.count)
                        }), count > 0
                    else { break }
                    deliver(stream, UnsafeRawBufferPointer(rebasing: bytes[..<count]))
                }
            }
        }
    }
}
