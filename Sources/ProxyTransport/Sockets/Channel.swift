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
/// Any thread may send; sending never waits: what the socket does not take at once is sent by the thread of
/// `OutboundFlusher`. One thread at a time may receive.
///
/// The segments of shared memory that frames refer to are the channel's business: those who write frames
/// get them from `lender`, those who read frames find them in their frames.
///
/// SAFETY (`@unchecked Sendable`): `assembler`, `arrivedDescriptors` and `inbound` belong to the one
/// receiving thread, which its owner guarantees; everything else is immutable or behind a mutex.
package final class Channel: SegmentUser, @unchecked Sendable {
    private let descriptor: Descriptor
    private var assembler: FrameAssembler
    let outbound = ConditionMutex(Outbound())
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

    struct Waiting {
        let frame: FrameBuffer
        let passed: PassedDescriptor?
    }

    struct Outbound {
        /// Frames that are not sent, or not all of them.
        var waiting: Deque<Waiting> = []
        /// Bytes of the first one that have been sent.
        var sentOfFirst = 0
        var waitingBytes = 0
        /// Segments of the other side's that are no longer used here, and how much memory they are.
        var returns: [FrameBuffer] = []
        var returnedBytes = 0
        /// Whether this channel is told that time passes, and whether it has since the last return.
        var isWatched = false
        var hasWaited = false
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

    /// Whether the other side has more than `limit` bytes still to receive, segments included.
    package func isBehind(by limit: Int) -> Bool {
        backlog > limit || lender?.isBehind(by: limit) == true
    }

    /// Sends a sealed frame, now or as soon as the peer reads.
    ///
    /// - Returns: false if the channel is closed or finished.
    @discardableResult
    @inline(__always)
    package func send(_ frame: FrameBuffer) -> Bool { send(frame, passing: nil) }

    /// Sends a sealed frame that gets its call id only when its turn has come: ids arrive in their order,
    /// whichever threads send.
    ///
    /// - Parameter number: yields the id; nil if the frame is not to be sent. Must not wait, nor send.
    /// - Returns: false if the channel is closed or finished, and `number` has not been asked.
    package func send(_ frame: FrameBuffer, numberedBy number: () -> UInt64?) -> Bool {
        outbound.withLock { outbound in
            guard !outbound.isFinished, !outbound.isClosed else { return false }
            guard let id = number() else { return true }
            frame.renumber(id)
            send(frame, passing: nil, &outbound)
            return true
        }
    }

    /// Sends a frame, and a descriptor with its first byte.
    func send(_ frame: FrameBuffer, passing passed: PassedDescriptor?) -> Bool {
        outbound.withLock { outbound in
            guard !outbound.isFinished, !outbound.isClosed else { return false }
            return send(frame, passing: passed, &outbound)
        }
    }

    @discardableResult
    private func send(
        _ frame: FrameBuffer, passing passed: PassedDescriptor?, _ outbound: inout Outbound
    ) -> Bool {
        frame.wasSent()
        let returns = passed == nil ? takeReturns(&outbound) : nil
        guard outbound.waiting.isEmpty else {
            if let returns { wait(returns, &outbound) }
            wait(frame, passing: passed, &outbound)
            return true
        }
        guard let sent = transmit(returns, frame, passing: passed) else {
            close(&outbound)
            return false
        }
        let sentOfFrame = sent - (returns?.count ?? 0)
        if sentOfFrame == frame.count { return true }
        if let returns, sentOfFrame < 0 {
            wait(returns, sent: sent, &outbound)
            wait(frame, &outbound)
        } else {
            wait(frame, sent: sentOfFrame, passing: passed, &outbound)
        }
        return true
    }

    /// Lets a frame wait until the socket takes it. Only of the first one that waits may a part be sent.
    private func wait(
        _ frame: FrameBuffer, sent: Int = 0, passing passed: PassedDescriptor? = nil,
        _ outbound: inout Outbound
    ) {
        if outbound.waiting.isEmpty { outbound.sentOfFirst = sent }
        outbound.waiting.append(Waiting(frame: frame, passed: sent == 0 ? passed : nil))
        outbound.waitingBytes += frame.count - sent
        flushLater(&outbound)
    }

    /// Gives a segment back to the other side: with the next frame that goes there, because a frame by itself
    /// would disturb whoever expects none; at once if it is much memory.
    ///
    /// - Parameter kind: `release` or `retire`.
    private func giveBack(_ number: UInt64, byteCount: Int, as kind: FrameKind) {
        let (isMuch, mustBeWatched) = outbound.withLock { outbound in
            outbound.returns.append(SegmentNumber(number).frame(kind))
            outbound.returnedBytes += byteCount
            outbound.hasWaited = false
            let mustBeWatched = !outbound.isWatched
            outbound.isWatched = true
            let isMuch =
                outbound.returns.count >= Self.maximumReturns
                || outbound.returnedBytes >= Self.maximumReturnedBytes
            return (isMuch, mustBeWatched)
        }
        if mustBeWatched { IdleSegments.shared.watch(self) }
        if isMuch { sendReturns() }
    }

    /// What no frame has taken along goes by itself.
    func timePassed(now: UInt64) -> Bool {
        let (isDue, isWatched) = outbound.withLock { outbound in
            let isDue = outbound.hasWaited && !outbound.returns.isEmpty
            outbound.hasWaited = true
            outbound.isWatched = !outbound.isClosed && !outbound.returns.isEmpty && !isDue
            return (isDue, outbound.isWatched)
        }
        if isDue { sendReturns() }
        return isWatched
    }

    private func sendReturns() {
        // The others go in front of the last one.
        if let last = outbound.withLock({ $0.returns.popLast() }) { send(last) }
    }

    /// The frames that give segments back, in one piece, to be sent in front of another one.
    private func takeReturns(_ outbound: inout Outbound) -> FrameBuffer? {
        guard !outbound.returns.isEmpty else { return nil }
        let returns = FrameBuffer(joining: outbound.returns)
        outbound.returns = []
        outbound.returnedBytes = 0
        return returns
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
            let number = descriptor.number
            let unread = SegmentPool.Unread(limit: sending.unansweredBytes) {
                cplatform_unread_bytes(number) == 0
            }
            let pool = SegmentPool(
                longest: sending.segmentLength, unread: isolatesWrites ? unread : nil
            ) { [weak self] in self?.send($0, passing: $1) ?? false }
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
            case .tooManyOpenFiles:
                throw SystemError(
                    "receiving a descriptor of shared memory", errno: .tooManyOpenFiles)
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

    /// Sends what the socket takes now of a frame and of what goes in front of it; nil if the peer is gone.
    private func transmit(
        _ first: FrameBuffer?, _ frame: FrameBuffer, passing passed: PassedDescriptor?
    ) -> Int? {
        guard let first else { return transmit(frame.bytes, passing: passed) }
        return sent(
            retryingInterruptions {
                cplatform_send_two(
                    descriptor.number, first.bytes.baseAddress, first.count,
                    frame.bytes.baseAddress, frame.count, sendFlags)
            })
    }

    /// Sends what the socket takes now; nil if the peer is gone.
    func transmit(_ bytes: UnsafeRawBufferPointer, passing passed: PassedDescriptor?) -> Int? {
        guard let start = bytes.baseAddress else { return 0 }
        return sent(
            retryingInterruptions {
                cplatform_send(
                    descriptor.number, start, bytes.count, sendFlags,
                    passed?.descriptor.number ?? -1)
            })
    }

    private func sent(_ count: Int?) -> Int? {
        count ?? (Errno.last == .resourceTemporarilyUnavailable ? 0 : nil)
    }

    func close(_ outbound: inout Outbound) {
        guard !outbound.isClosed else { return }
        outbound.isClosed = true
        outbound.waiting = []
        outbound.waitingBytes = 0
        // The descriptor itself is closed with the last reference, so that no thread can meet its
        // number in other hands.
        shutdown(descriptor.number, Int32(SHUT_RDWR))
    }
}
