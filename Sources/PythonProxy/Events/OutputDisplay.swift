import CPlatform
import DequeModule
import Foundation
import ProxyTransport
import Synchronization

/// Shows what Python prints where the text of this program goes, on a thread of its own: a pipe that is full, or
/// closed, holds up nobody.
package final class OutputDisplay: Sendable {
    /// Standard output is shown on standard output, standard error on standard error.
    package static let standard = OutputDisplay(output: 1, error: 2)
    /// Both are shown on standard error, for programs whose standard output has a format.
    package static let standardError = OutputDisplay(output: 2, error: 2)

    /// In bytes.
    private static let capacity = 16 << 20
    /// A destination that takes nothing for so long is not waited for.
    private static let stallMilliseconds = 100
    private static let exitMilliseconds = 1000
    /// Pipes that are ready take so many bytes at once (PIPE_BUF, see the manual page pipe(7)).
    private static let pieceLength = 4096
    private static let batchLength = 1 << 16
    /// Text waits so long for more of it, unless someone waits for the text.
    private static let gatherMilliseconds = 1

    private struct State {
        var waiting: Deque<OutputChunk> = []
        var byteCount = 0
        /// Bytes that found no room.
        var droppedBytes = 0
        /// How many chunks have come.
        var lastTicket: UInt64 = 0
        /// The destination takes nothing at the moment.
        var isStalled = false
        /// The program ends.
        var isEnding = false
        var waiters: [(ticket: UInt64, continuation: CheckedContinuation<Void, Never>)] = []

        /// Whether someone waits for text to be shown.
        var isAwaited: Bool { isEnding || !waiters.isEmpty }
    }

    private let numbers: (output: Int32, error: Int32)
    private let state = ConditionMutex(State())
    private let thread = ThreadOnDemand()
    /// How many chunks have been written.
    private let shown = Atomic<UInt64>(0)
    private let isUnused = Atomic(true)

    /// Writes to two descriptors, which stay open.
    init(output: Int32, error: Int32) { numbers = (output, error) }

    // MARK: For those who have text

    /// Shows a chunk as soon as those before it have been.
    ///
    /// - Returns: a number for `waitUntilShown`.
    func show(_ chunk: OutputChunk) -> UInt64 {
        start()
        let (ticket, mustWake) = state.withLock { state -> (UInt64, Bool) in
            let length = state.byteCount
            guard state.byteCount + chunk.bytes.count <= Self.capacity else {
                state.droppedBytes += chunk.bytes.count
                return (state.lastTicket, false)
            }
            let dropped = state.droppedBytes + chunk.droppedBytes
            if dropped > 0 { append(Self.note(of: dropped), &state) }
            state.droppedBytes = 0
            append(chunk, &state)
            let isBatch = length < Self.batchLength && state.byteCount >= Self.batchLength
            return (state.lastTicket, length == 0 || isBatch)
        }
        if mustWake { state.wakeAll() }
        return ticket
    }

    /// Whether a chunk, and those before it, have been written.
    func hasShown(_ ticket: UInt64) -> Bool { shown.load(ordering: .acquiring) >= ticket }

    /// Waits until a chunk, and those before it, have been written, unless the destination takes nothing: what this
    /// program prints next then comes after it.
    func waitUntilShown(_ ticket: UInt64) async {
        await withCheckedContinuation { continuation in
            let waits = state.signal { state in
                if state.isStalled || hasShown(ticket) { return false }
                state.waiters.append((ticket, continuation))
                return true
            }
            if !waits { continuation.resume() }
        }
    }

    private func append(_ chunk: OutputChunk, _ state: inout State) {
        state.waiting.append(chunk)
        state.byteCount += chunk.bytes.count
        state.lastTicket += 1
    }

    private static func note(of byteCount: Int) -> OutputChunk {
        let text = "\n[\(byteCount) bytes of output were not shown: nobody read what is shown]\n"
        return OutputChunk(
            stream: .standardError, text: text, bytes: Array(text.utf8), callID: nil,
            droppedBytes: 0)
    }

    private func start() {
        // What is still to be shown when the program ends.
        if isUnused.exchange(false, ordering: .relaxed) {
            atexit {
                for display in [OutputDisplay.standard, .standardError] { display.finish() }
            }
        }
        do throws(SystemError) {
            try thread.start { [self] in while true { showNext() } }
        } catch {
            // Without the thread nothing is shown, and nobody waits.
            stall()
        }
    }

    // MARK: The thread

    private func showNext() {
        state.wait { $0.waiting.isEmpty ? nil : () }
        state.wait(milliseconds: Self.gatherMilliseconds) { state in
            state.isAwaited || state.byteCount >= Self.batchLength ? () : nil
        }
        let (stream, bytes, count) = state.withLock { takeBatch(&$0) }
        write(bytes, to: stream == .standardOutput ? numbers.output : numbers.error)
        let waiters = state.signal { state in
            let last = shown.add(UInt64(count), ordering: .releasing).newValue
            state.isStalled = false
            let waiters = state.waiters.filter { $0.ticket <= last }
            state.waiters.removeAll { $0.ticket <= last }
            return waiters
        }
        for waiter in waiters { waiter.continuation.resume() }
    }

    /// The next chunks, as far as they are of one stream.
    private func takeBatch(
        _ state: inout State
    ) -> (stream: OutputChunk.Stream, bytes: [UInt8], count: Int) {
        let stream = state.waiting[0].stream
        var bytes: [UInt8] = []
        var count = 0
        while let chunk = state.waiting.first, chunk.stream == stream,
            count == 0 || bytes.count + chunk.bytes.count <= Self.batchLength
        {
            bytes += chunk.bytes
            count += 1
            state.waiting.removeFirst()
        }
        state.byteCount -= bytes.count
        return (stream, bytes, count)
    }

    private func write(_ bytes: [UInt8], to number: Int32) {
        guard isReady(number) else { return }
        // What this program has printed before comes first.
        cplatform_flush_output()
        bytes.withUnsafeBytes { bytes in
            var rest = bytes[...]
            while !rest.isEmpty, isReady(number) {
                let piece = UnsafeRawBufferPointer(rebasing: rest.prefix(Self.pieceLength))
                let count = Foundation.write(number, piece.baseAddress, piece.count)
                if count > 0 {
                    rest = rest.dropFirst(count)
                } else if errno != EINTR, errno != EAGAIN {
                    // Closed, say: the text is lost, as it would be for this program's own.
                    return
                }
            }
        }
    }

    /// Waits until a descriptor takes bytes.
    ///
    /// - Returns: false if it never will.
    private func isReady(_ number: Int32) -> Bool {
        var polled = pollfd(fd: number, events: Int16(POLLOUT), revents: 0)
        var milliseconds = Int32(Self.stallMilliseconds)
        while true {
            let ready = retryingInterruptions { poll(&polled, 1, milliseconds) }
            guard let ready else { return false }
            if ready > 0 { return Int32(polled.revents) & POLLNVAL == 0 }
            stall()
            milliseconds = -1
        }
    }

    /// Nobody waits for the destination any more.
    private func stall() {
        let waiters = state.signal { state in
            state.isStalled = true
            defer { state.waiters = [] }
            return state.waiters
        }
        for waiter in waiters { waiter.continuation.resume() }
    }

    /// Waits until all has been shown, unless the destination takes nothing. For the end of the program.
    private func finish() {
        state.signal { $0.isEnding = true }
        state.wait(milliseconds: Self.exitMilliseconds) { state in
            state.isStalled || hasShown(state.lastTicket) ? () : nil
        }
    }
}
