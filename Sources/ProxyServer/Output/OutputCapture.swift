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

/// Takes what is written to descriptors 1 and 2, by C code, by subprocesses, by anything, and what Python's streams
/// are given, in one order.
///
/// A thread of ours empties the pipes and never needs the GIL: C code that fills a pipe while it holds
/// the GIL would otherwise wait for ever.
final class OutputCapture: Sendable {
    /// What has become of bytes.
    enum Taken {
        /// They wait for the rest of their chunk.
        case kept
        /// Chunks have ended, and are to be delivered.
        case complete
        /// Python code has put a file in the place of the descriptor: they are to be written there.
        case redirected
    }

    /// What the capture needs to know, and where chunks go.
    struct Surroundings: Sendable {
        /// The call that what comes from a descriptor belongs to, if there is just one.
        let runningCall: @Sendable () -> CallKey?
        /// The beginning of a chunk has come, in nanoseconds. It waits for its rest until `end(begunBy:)`.
        let isBegun: @Sendable (UInt64) -> Void
        /// Takes a chunk.
        let deliver: @Sendable (CapturedChunk) -> Void
    }

    private static let readsPerPass = 16

    /// The ends that are read from: of standard output and of standard error.
    private let pipes: [Int32]
    /// What descriptors 0, 1 and 2 refer to, should Python code close them.
    private let originals: [Int32]
    /// Which files those are.
    private let originalFiles: [FileIdentity?]
    private let runningCall: @Sendable () -> CallKey?
    private let isBegun: @Sendable (UInt64) -> Void
    /// Held for moments, by threads that may have the GIL.
    private let state = ConditionMutex(State())
    /// Takes chunks, one thread after the other, so that they stay in order. Nobody who is at it waits for the GIL.
    private let destination: ConditionMutex<Destination>

    /// Not the bare function: each access to a function that a generic type holds wraps it once more.
    private struct Destination {
        let deliver: @Sendable (CapturedChunk) -> Void
    }

    private struct State {
        var chunks = ChunkCollector()
        var scratch = [UInt8](repeating: 0, count: 1 << 16)
    }

    /// Replaces descriptors 1 and 2 by pipes.
    init(_ surroundings: Surroundings) throws(SystemError) {
        runningCall = surroundings.runningCall
        isBegun = surroundings.isBegun
        destination = ConditionMutex(Destination(deliver: surroundings.deliver))
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
        pipes = [output.takeReading().release(), error.takeReading().release()]
        for number in pipes {
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

    /// The ends of the pipes that are read from.
    var descriptors: [Int32] { pipes }

    // MARK: Taking

    /// Takes what Python's streams are given, after what has been written to the descriptors before. Waits for
    /// nothing: the caller may have the GIL.
    func take(
        _ bytes: UnsafeRawBufferPointer, to stream: Output.Stream, of call: CallKey?
    ) -> Taken {
        let (taken, start) = state.withLock { state -> (Taken, UInt64?) in
            drain(stream, &state)
            let call = call ?? runningCall()
            // Not in the middle of a line, which would be torn.
            if !state.chunks.hasBegun(stream, of: call), isRedirected(stream) {
                return (.redirected, nil)
            }
            // Those that others have ended are delivered by them: this thread keeps the GIL to the end of the line.
            let count = state.chunks.completeCount
            state.chunks.append(bytes, to: stream, of: call, now: AdaptiveSpin.now)
            let isComplete = state.chunks.completeCount > count
            return (isComplete ? .complete : .kept, state.chunks.newStart)
        }
        if let start { isBegun(start) }
        return taken
    }

    /// A stream has been flushed. Waits for nothing.
    func flush(_ stream: Output.Stream, of call: CallKey?) -> Taken {
        state.withLock { state in
            drain(stream, &state)
            state.chunks.flush(stream, of: call ?? runningCall())
            return state.chunks.completeCount > 0 ? .complete : .kept
        }
    }

    // MARK: Delivering

    /// Delivers the chunks that have ended.
    func deliver() {
        destination.withLock { destination in
            let chunks = state.withLock { $0.chunks.takeComplete() }
            for chunk in chunks { destination.deliver(chunk) }
        }
    }

    /// Delivers what a call has written, and C code up to now; all of it without a call.
    func deliverAll(of call: CallKey?) {
        // Not under the lock: another thread may hold C's lock on stdout while it waits for room in a pipe.
        cplatform_flush_output()
        let found = state.withLock { state in
            let found = look()
            if found & Self.readable != 0 { drain(&state) }
            if let call { state.chunks.end(call) } else { state.chunks.endAll() }
            return found
        }
        // Also if this call has ended none: somebody else may be about to deliver its last one.
        deliver()
        for number in 0..<3 where found & 1 << number != 0 {
            // The next call, and the next client, print as before.
            _ = dup2(originals[number], Int32(number))
        }
    }

    /// Delivers the beginnings of chunks that have waited for long.
    ///
    /// - Returns: when the oldest of the others has come.
    func end(begunBy time: UInt64) -> UInt64? {
        let next = state.withLock { state in
            state.chunks.end(begunBy: time)
            return state.chunks.oldestStart
        }
        deliver()
        return next
    }

    // MARK: Descriptors

    private static let readable: Int32 = 8

    /// See `cplatform_look_at_output`.
    private func look() -> Int32 {
        withUnsafeTemporaryAllocation(of: Int32.self, capacity: 2) { numbers in
            numbers[0] = pipes[0]
            numbers[1] = pipes[1]
            return cplatform_look_at_output(numbers.baseAddress.unsafelyUnwrapped)
        }
    }

    /// Whether a stream's descriptor leads somewhere else: Python code has put a file in its place, and what it
    /// prints belongs there.
    private func isRedirected(_ stream: Output.Stream) -> Bool {
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

    private func waitForBytes() {
        var polled = pipes.map { pollfd(fd: $0, events: Int16(POLLIN), revents: 0) }
        _ = retryingInterruptions { poll(&polled, nfds_t(polled.count), -1) }
    }

    private func drain() {
        let start = state.withLock { state in
            drain(&state)
            return state.chunks.oldestStart
        }
        deliver()
        if let start { isBegun(start) }
    }

    private func drain(_ state: inout State) {
        drain(.standardOutput, &state)
        drain(.standardError, &state)
    }

    private func drain(_ stream: Output.Stream, _ state: inout State) {
        let descriptor = pipes[Int(stream.rawValue) - 1]
        guard cplatform_readable_bytes(descriptor) > 0 else { return }
        let call = runningCall()
        // More than a pipe holds, but bounded: someone may write faster than this reads, and
        // others wait for the lock.
        for _ in 0..<Self.readsPerPass {
            let count = state.scratch.withUnsafeMutableBytes { bytes in
                retryingInterruptions { read(descriptor, bytes.baseAddress, bytes.count) }
            }
            guard let count, count > 0 else { break }
            state.scratch.withUnsafeBytes { bytes in
                state.chunks.append(
                    UnsafeRawBufferPointer(rebasing: bytes[..<count]), to: stream, of: call,
                    now: AdaptiveSpin.now, endsWithin: true)
            }
        }
    }
}
