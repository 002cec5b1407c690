import ProxyTransport

/// The thread that tells clients what the server does: it may wait for the GIL, so that nobody else has to.
///
/// One look answers all who have asked by then.
final class StatusReporter: Sendable {
    struct Request: Sendable {
        let session: Session
        let callID: UInt64
    }

    private let requests = ConditionMutex<[Request]>([])
    private let thread = ThreadOnDemand()
    private let answer: Answer

    private struct Answer: Sendable { let body: @Sendable ([Request]) -> Void }

    /// - Parameter answer: looks, and answers all of the requests.
    init(answer: @escaping @Sendable ([Request]) -> Void) {
        self.answer = Answer(body: answer)
    }

    func ask(_ request: Request) throws(SystemError) {
        // Only a request that somebody will look at waits.
        try thread.start { [self] in work() }
        requests.signal { $0.append(request) }
    }

    private func work() {
        while true {
            let asked = requests.wait { requests -> [Request]? in
                if requests.isEmpty { return nil }
                defer { requests = [] }
                return requests
            }
            answer.body(asked)
        }
    }
}
