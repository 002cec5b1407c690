import ProxyTransport
import ProxyWire

/// The reading thread, and what becomes of each frame.
extension Connection {
    /// The body of the reading thread.
    func readUntilEnd() {
        var violation: (any Error)?
        do {
            while let frame = try channel.receive() {
                try received(frame)
                if frame.kind == .output { try lookForOutput() }
                rest()
            }
        } catch {
            violation = error
        }
        channel.close()
        let error = reasonOfEnd(violation ?? state.withLock { $0.violation })
        let remaining = state.signal { state in
            state.calls.close(error, lastReceived: state.goodbye?.lastCall)
        }
        for waiter in remaining.received { waiter.resume(with: .failure(error)) }
        for waiter in remaining.notReceived {
            waiter.resume(with: .failure(NotBegun(reason: error)))
        }
        // A server that could not clean up itself; one that a next call has started is left alone.
        if case .serverCrashed = error, started != nil { place.removeRemains() }
        closed.signal { $0 = true }
    }

    /// Reads on without sleeping for as long as lines come one right after the other: waking this thread for each
    /// of them takes the server longer than printing it.
    private func lookForOutput() throws {
        var isOutput = true
        while isOutput {
            isOutput = false
            _ = try AdaptiveSpin.look {
                var failure: (any Error)?
                var hasCome = false
                let isOpen = try channel.receiveAvailable { frame in
                    hasCome = true
                    isOutput = frame.kind == .output
                    do { try received(frame) } catch { failure = error }
                }
                if let failure { throw failure }
                return hasCome || !isOpen
            }
        }
    }

    /// Leaves the reading to the callers for as long as they make short calls.
    private func rest() {
        let mayRest = state.withLock { state in
            state.spin.isWorthwhile && state.reading.rest(isAwaited: state.calls.isAwaited)
        }
        guard mayRest else { return }
        while true {
            let isNeeded = state.wait(milliseconds: ReadingRole.tick) {
                $0.reading.holder == .thread ? true : nil
            }
            if isNeeded == true { return }
            let hasBytes = channel.waitForBytes(milliseconds: 0)
            if state.withLock({ $0.reading.resume(hasBytes: hasBytes) }) { return }
        }
    }

    /// Takes a frame. For the holder of the reading role.
    func received(_ frame: InboundFrame) throws {
        switch frame.kind {
        case .reply, .pong:
            guard let (waiter, _) = answered(frame.callID) else { return dropObjects(in: frame) }
            waiter.resume(with: .success(frame))
        case .failure:
            // Read before the waiter is taken: if it cannot be read, the end of the connection reaches it.
            var error = try frame.read(limits: Limits()) { try PythonError(from: &$0) }
            guard let (waiter, output) = answered(frame.callID) else { return }
            error.output = output.text
            waiter.resume(with: .failure(error))
        case .rejection:
            let rejection = try frame.read(limits: Limits()) { try Rejection(from: &$0) }
            answered(frame.callID)?.waiter.resume(with: .failure(rejection))
        case .output:
            let output = try frame.read(limits: Limits()) { try Output(from: &$0) }
            let listener = state.withLock { state in
                state.tail.append(output.bytes)
                return state.calls.printed(output.bytes, by: frame.callID)
            }
            events.printed(
                output, callID: frame.callID, isStarter: started != nil, to: listener)
        case .log:
            events.logged(
                try frame.read(limits: Limits()) { try LogRecord(from: &$0) }, callID: frame.callID)
        case .reloaded:
            let event = try frame.read(limits: Limits()) { try ReloadEvent(from: &$0) }
            logger.debug("\(event.line)", metadata: ["pid": "\(welcome.processIdentifier)"])
            events.reloaded(event)
        case .goodbye, .refusal:
            let closing = try frame.read(limits: Limits()) { try Closing(from: &$0) }
            state.withLock { $0.goodbye = closing }
        case .hello, .welcome, .call, .cancel, .drop, .ping, .shutdown, .status, .interrupt,
            .observe, .reload, .segment, .release, .forget, .retire:
            throw ProxyError.protocolViolation("a server does not send \(frame.kind) frames here")
        }
    }

    private func answered(_ id: UInt64) -> (waiter: Waiter, output: OutputTail)? {
        let (answered, ready) = state.withLock { state in
            let answered = state.calls.answered(id)
            return (answered, state.calls.admitWaiting() + state.calls.takeWaitersForContexts())
        }
        for waiter in ready { waiter.resume(with: .success(nil)) }
        // If it was cancelled, someone may wait for all of those to end.
        if answered == nil { state.wakeAll() }
        return answered
    }
}
