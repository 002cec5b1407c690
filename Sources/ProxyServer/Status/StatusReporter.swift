import ProxyTransport

/// The thread that tells clients what the server does: it may wait for the GIL, so that nobody else has to.
///
/// One look answers all who have asked by then.
final class StatusReporter: Sendable {
    struct Request: Sendable {
        let session: Session
        let callID: UInt64
    }

    private struct State {
        var requests: [Request] = []
        var isStarted = false
    }

    private let state = ConditionMutex(State())
    private let answer: Answer

    private struct Answer: Sendable { let body: @Sendable ([Request]) -> Void }

    /// - Parameter answer: looks, and answers all of the requests.
    init(answer: @escaping @Sendable ([Request]) -> Void) {
        self.answer = Answer(body: answer)
    }

    func ask(_ request: Request) throws(SystemError) {
        let mustStart = state.signal { state in
            state.requests.append(request)
            defer { state.isStarted = true }
            return !state.isStarted
        }
        guard mustStart else { return }
        do throws(SystemError) { try NativeThread.start { [self] in work() } } catch {
            state.withLock { state in
                state.isStarted = false
                state.requests = []
            }
            throw error
        }
    }

    private func work() {
        while true {
            let requests = state.wait { state -> [Request]? in
                if state.requests.isEmpty { return nil }
                defer { state.requests = [] }
                return state.requests
            }
            answer.body(requests)
        }
    }
}
