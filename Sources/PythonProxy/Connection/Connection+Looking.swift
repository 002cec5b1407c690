import ProxyTransport
import ProxyWire

/// Callers that look for their answers for a moment, where answers come quickly.
extension Connection {
    enum Look {
        case answered(Result<InboundFrame?, any Error>)
        /// The answer did not come quickly; this caller still has the reading role.
        case unanswered(id: UInt64)
        /// Somebody else reads, or answers have not come quickly of late.
        case notSent
        case refused(ProxyError)
    }

    /// Sends a request and looks for its answer for a moment, if nobody else reads.
    func sendAndLook(
        _ frame: FrameBuffer, _ call: CallDetails?, since start: UInt64
    ) -> Look {
        guard state.withLock({ $0.spin.isWorthwhile && $0.reading.holder == .nobody }) else {
            return .notSent
        }
        var look = Look.notSent
        _ = channel.send(frame) {
            state.withLock { state in
                guard state.reading.takeForCaller() else { return nil }
                answer.result = nil
                switch state.calls.register(.looking(answer), call) {
                case .registered(let id):
                    look = .unanswered(id: id)
                    return id
                case .refused(let error):
                    look = .refused(error)
                    _ = state.reading.giveBack(isAwaited: false)
                    return nil
                }
            }
        }
        guard case .unanswered = look else { return look }
        readAnswer(answer)
        guard let result = answer.take() else { return look }
        let mustWake = state.withLock { state in
            state.spin.waited(nanoseconds: AdaptiveSpin.now - start)
            return state.reading.giveBack(isAwaited: state.calls.isAwaited)
        }
        if mustWake { state.wakeAll() }
        return .answered(result)
    }

    private func readAnswer(_ answer: ConnectionState.Answer) {
        do {
            _ = try AdaptiveSpin.look {
                var failure: (any Error)?
                let isOpen = try channel.receiveAvailable { frame in
                    do { try received(frame) } catch { failure = error }
                }
                if let failure { throw failure }
                return answer.result != nil || !isOpen
            }
        } catch {
            // The reading thread finds the end of the connection, and with it this reason.
            state.withLock { $0.violation = error }
            channel.close()
        }
    }
}
