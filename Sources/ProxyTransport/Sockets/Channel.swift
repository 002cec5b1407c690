import CPlatform
import DequeModule
import ProxyWire
import SystemPackage

#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#else
    import Darwin
#endif

/// Moves whole frames over a connected socket.
///
/// Any thread may send; sending never waits: what the socket does not take at once is sent by a
/// thread that exists as long as there is such a rest. One thread at a time may receive.
///
/// The segments of shared memory that frames refer to are the channel's business: those who write frames
/// get them from `lender`, those who read frames find them in their frames.
///
/// SAFETY (`@unchecked Sendable`): `assembler`, `arrivedDescriptors` and `inbound` belong to the one
/// receiving thread, which its owner guarantees; everything else is immutable or behind a mutex.
package final class Channel: @unchecked Sendable {
    private let descriptor: Descriptor
    private var assembler: FrameAssembler
    private let outbound = ConditionMutex(Outbound())
    private let pool = ConditionMutex<SegmentPool?>(nil)
    /// The segments of the other side.
    private var inbound: SegmentTable?
    /// Those whose frames have not been looked at.
    private var arrivedDescriptors: Deque<PassedDescriptor> = []

    /// Segments are given back at once if they are so many or so long together.
    private static let maximumReturns = 64
    private static let maximumReturnedBytes = 1 << 22

    /// A peer that sends descriptors without frames cannot use up ours.
    private static let maximumArrivedDescriptors = 16

    private struct Waiting {
        let frame: FrameBuffer
        let passed: PassedDescriptor?
    }

    private struct Outbound {
        /// Frames that are not sent, or not all of them.
        var waiting: Deque<Waiting> = []
        /// Bytes of the first one that have been sent.
        var sentOfFirst = 0
        var waitingBytes = 0
        /// Segments of the other side's that are no longer used here, and how much memory they are.
        var returns: [FrameBuffer] = []
        var returnedBytes = 0
        var isFlushing = false
        /// Nothing more is accepted; what waits is still sent.
        var isFinished = false
        /// The socket has been shut down.
        var isClosed = false
    }

    /// Takes over a connected socket.
    ///
    /// - Parameter payloadLimit: the longest payload that is accepted.
    package init(_ descriptor: consuming Descriptor, payloadLimit: Int) {
        // A frame that fits is sent in one go, without waiting for the peer to read part of it. The
        // system may grant less; macOS starts with 8 kB.
        var length: Int32 = 1 << 20
        for option in [SO_SNDBUF, SO_RCVBUF] {
            _ = setsockopt(
                descriptor.number, SOL_SOCKET, option, &length,
                socklen_t(MemoryLayout<Int32>.size))
        }
        cplatform_close_in_forked_children(descriptor.number, true)
        self.descriptor = descriptor
        self.assembler = FrameAssembler(limit: payloadLimit)
    }

    deinit { cplatform_close_in_forked_children(descriptor.number, false) }

    /// For `poll`.
    package var number: Int32 { descriptor.number }

    /// The bytes that wait to be sent.
    package var backlog: Int { outbound.withLock { $0.waitingBytes } }

    /// Sends a sealed frame, now or as soon as the peer reads.
    ///
    /// - Returns: false if the channel is closed or finished.
    @discardableResult
    package func send(_ frame: FrameBuffer) -> Bool { send(frame, passing: nil) }

    /// Sends a frame, and a descriptor with its first byte.
    func send(_ frame: FrameBuffer, passing passed: PassedDescriptor?) -> Bool {
        outbound.withLock { outbound in
            guard !outbound.isFinished, !outbound.isClosed else { return false }
            frame.wasSent()
            let frame = passed == nil ? withReturns(frame, &outbound) : frame
            var sent = 0
            if outbound.waiting.isEmpty {
                guard let count = transmit(frame.bytes, passing: passed) else {
                    close(&outbound)
                    return false
                }
                sent = count
                if sent == frame.count { return true }
                outbound.sentOfFirst = sent
            }
            outbound.waiting.append(Waiting(frame: frame, passed: sent == 0 ? passed : nil))
            outbound.waitingBytes += frame.count - sent
            flushLater(&outbound)
            return true
        }
    }

    /// Gives a segment back to the other side: with the next frame that goes there, because a frame by itself
    /// would disturb whoever expects none; at once if it is much memory.
    ///
    /// - Parameter kind: `release` or `retire`.
    private func giveBack(_ number: UInt64, byteCount: Int, as kind: FrameKind) {
        let isMuch = outbound.withLock { outbound in
            outbound.returns.append(SegmentNumber(number).frame(kind))
            outbound.returnedBytes += byteCount
            return outbound.returns.count >= Self.maximumReturns
                || outbound.returnedBytes >= Self.maximumReturnedBytes
        }
        if isMuch { sendReturns() }
    }

    private func sendReturns() {
        // The others go in front of the last one.
        if let last = outbound.withLock({ $0.returns.popLast() }) { send(last) }
    }

    /// A frame with those in front of it that give segments back, in one piece for one write.
    private func withReturns(_ frame: FrameBuffer, _ outbound: inout Outbound) -> FrameBuffer {
        guard !outbound.returns.isEmpty else { return frame }
        let returns = outbound.returns
        outbound.returns = []
        outbound.returnedBytes = 0
        return FrameBuffer(joining: returns + [frame])
    }

    /// Blocks until fewer than `bytes` wait to be sent or the channel is closed, for `milliseconds` at
    /// most. Only for threads of our own.
    ///
    /// - Returns: false if the time is over.
    package func waitForBacklog(below bytes: Int, milliseconds: Int) -> Bool {
        outbound.wait(milliseconds: milliseconds) {
            $0.isClosed || $0.waitingBytes < bytes ? true : nil
        } ?? false
    }

    /// Blocks until all has been sent or the channel is closed, for `milliseconds` at most.
    package func waitUntilSent(milliseconds: Int) {
        outbound.wait(milliseconds: milliseconds) { $0.isClosed || $0.waiting.isEmpty ? () : nil }
    }

    /// Accepts no more frames, and closes once all have been sent.
    package func finish() {
        outbound.signal { outbound in
            outbound.isFinished = true
            if outbound.waiting.isEmpty { close(&outbound) }
        }
    }

    /// Closes the connection. The receiving thread sees the end of the stream.
    package func close() {
        outbound.signal { close(&$0) }
    }

    /// Goes on by what the two sides have agreed on. For the receiving thread, before any other thread
    /// sends.
    ///
    /// - Parameters:
    ///   - accepting: what this side accepts.
    ///   - sending: what the other side accepts.
    ///   - isolatesWrites: whether what this side writes to a segment of the other's is to stay here.
    package func open(accepting: Limits, sending: Limits, isolatesWrites: Bool) {
        assembler.limit = accepting.frameLength
        // A loan may outlive the connection, and must not keep it open.
        if accepting.segmentLength > 0 {
            inbound = SegmentTable(
                isolatesWrites: isolatesWrites, longest: accepting.segmentLength
            ) { [weak self] in self?.giveBack($0, byteCount: $1, as: $2) }
        }
        if sending.segmentLength > 0 {
            let pool = SegmentPool(longest: sending.segmentLength) { [weak self] in
                self?.send($0, passing: $1) ?? false
            }
            self.pool.withLock { $0 = pool }
        }
    }

    /// Lends memory to frames that are to be sent over this channel; nil if the peer takes none.
    package var lender: SegmentPool? { pool.withLock { $0 } }

    /// Waits for a frame; nil at the end of the stream. For the receiving thread.
    package func receive() throws -> InboundFrame? {
        while true {
            if let frame = try nextFrame() { return frame }
            guard try receiveBytes(flags: 0) == .some(true) else { return nil }
        }
    }

    /// Waits for a frame, for `milliseconds` at most; nil at the end of the stream. For the receiving thread.
    ///
    /// - Throws: `SystemError` with `.timedOut` when the time is over, be it in the middle of a frame.
    package func receive(milliseconds: Int) throws -> InboundFrame? {
        let deadline = ContinuousClock.now + .milliseconds(milliseconds)
        while true {
            if let frame = try nextFrame() { return frame }
            let rest = (deadline - .now) / .milliseconds(1)
            guard rest > 0, waitForBytes(milliseconds: Int(rest) + 1) else {
                throw SystemError("waiting for an answer", errno: .timedOut)
            }
            if try receiveBytes(flags: receiveWithoutWaiting) == .some(false) { return nil }
        }
    }

    /// Waits until the other side is gone or talks nonsense, for `milliseconds` at most, and throws away what
    /// it sends. For the receiving thread.
    ///
    /// - Returns: false if the time is over.
    package func waitForEnd(milliseconds: Int) -> Bool {
        let deadline = ContinuousClock.now + .milliseconds(milliseconds)
        while true {
            do {
                let rest = Int((deadline - .now) / .milliseconds(1))
                if try receive(milliseconds: rest) == nil { return true }
            } catch let error as SystemError where error.errno == .timedOut {
                return false
            } catch {
                return true
            }
        }
    }

    /// The next complete frame that is not the channel's own business.
    private func nextFrame() throws -> InboundFrame? {
        while let frame = try assembler.next() {
            switch frame.kind {
            case .segment: try add(frame)
            case .release, .retire:
                let number = try frame.read(limits: Limits()) { try SegmentNumber(from: &$0) }
                guard lender?.returned(number.value, retiring: frame.kind == .retire) == true
                else {
                    throw WireError.malformed("segment \(number.value) is not lent", offset: 0)
                }
            case .forget:
                inbound?.forget(
                    try frame.read(limits: Limits()) { try SegmentNumber(from: &$0) }.value)
            default:
                let numbers = frame.loanNumbers
                guard !numbers.isEmpty else { return frame }
                guard let inbound else {
                    throw WireError.malformed("segments have not been agreed on", offset: 20)
                }
                return frame.with(try inbound.loans(numbers))
            }
        }
        return nil
    }

    private func add(_ frame: InboundFrame) throws {
        let introduction = try frame.read(limits: Limits()) { try SegmentIntroduction(from: &$0) }
        guard let inbound, let passed = arrivedDescriptors.popFirst() else {
            throw WireError.malformed("a segment without a descriptor", offset: 0)
        }
        try inbound.add(introduction, passed.descriptor)
    }

    /// Waits for bytes, for `milliseconds` at most. For the receiving thread.
    package func waitForBytes(milliseconds: Int) -> Bool {
        var polled = pollfd(fd: descriptor.number, events: Int16(POLLIN), revents: 0)
        return retryingInterruptions { poll(&polled, 1, Int32(clamping: milliseconds)) } == 1
    }

    /// Reads once, without waiting, and passes on what has become complete. For the receiving thread.
    ///
    /// - Returns: false at the end of the stream.
    package func receiveAvailable(_ body: (InboundFrame) -> Void) throws -> Bool {
        let isOpen = try receiveBytes(flags: receiveWithoutWaiting) ?? true
        while let frame = try nextFrame() { body(frame) }
        return isOpen
    }

    /// True if bytes came, false at the end of the stream, nil if there is nothing to read now.
    private func receiveBytes(flags: Int32) throws -> Bool? {
        let space = assembler.space()
        guard let start = space.baseAddress else { return nil }
        var passed: Int32 = -1
        guard
            let count = retryingInterruptions({
                cplatform_receive(descriptor.number, start, space.count, flags, &passed)
            })
        else {
            switch Errno.last {
            case .resourceTemporarilyUnavailable: return nil
            case .connectionReset: return false
            case let errno: throw SystemError("receiving", errno: errno)
            }
        }
        if passed >= 0 {
            arrivedDescriptors.append(PassedDescriptor(Descriptor(owning: passed)))
            guard arrivedDescriptors.count <= Self.maximumArrivedDescriptors else {
                throw WireError.malformed("descriptors that no frame speaks of", offset: 0)
            }
        }
        assembler.received(count)
        return count > 0
    }

    /// Sends what the socket takes now; nil if the peer is gone.
    private func transmit(
        _ bytes: UnsafeRawBufferPointer, passing passed: PassedDescriptor?
    ) -> Int? {
        guard let start = bytes.baseAddress else { return 0 }
        if let count = retryingInterruptions({
            cplatform_send(
                descriptor.number, start, bytes.count, sendFlags,
                passed?.descriptor.number ?? -1)
        }) {
            return count
        }
        return Errno.last == .resourceTemporarilyUnavailable ? 0 : nil
    }

    private func close(_ outbound: inout Outbound) {
        guard !outbound.isClosed else { return }
        outbound.isClosed = true
        outbound.waiting = []
        outbound.waitingBytes = 0
        // The descriptor itself is closed with the last reference, so that no thread can meet its
        // number in other hands.
        shutdown(descriptor.number, Int32(SHUT_RDWR))
    }

    private func flushLater(_ outbound: inout Outbound) {
        guard !outbound.isFlushing else { return }
        do throws(SystemError) {
            try NativeThread.start { [self] in flush() }
            outbound.isFlushing = true
        } catch {
            // Without the thread the rest would never leave: the peer sees the end instead.
            close(&outbound)
        }
    }

    private func flush() {
        while true {
            var poller = pollfd(fd: descriptor.number, events: Int16(POLLOUT), revents: 0)
            _ = retryingInterruptions { poll(&poller, 1, -1) }
            let isDone = outbound.signal { outbound in
                flushAvailable(&outbound)
                guard outbound.waiting.isEmpty else { return false }
                outbound.isFlushing = false
                if outbound.isFinished { close(&outbound) }
                return true
            }
            if isDone { return }
        }
    }

    private func flushAvailable(_ outbound: inout Outbound) {
        while let first = outbound.waiting.first {
            let rest = UnsafeRawBufferPointer(rebasing: first.frame.bytes[outbound.sentOfFirst...])
            let passed = outbound.sentOfFirst == 0 ? first.passed : nil
            guard let count = transmit(rest, passing: passed) else { return close(&outbound) }
            outbound.waitingBytes -= count
            outbound.sentOfFirst += count
            if count < rest.count { return }
            outbound.waiting.removeFirst()
            outbound.sentOfFirst = 0
        }
    }
}
