import ProxyWire

/// Which context a call says that it runs in.
struct CallContext {
    let key: SessionContexts.Key
    private let operation: UInt64
    /// Of a call that enters a context manager: the context that its own is a copy of.
    private let outer: UInt64

    /// - Parameter call: whose frame the caller holds.
    init(of call: any CallIO) throws(ConversionFailure) {
        // SAFETY: the caller holds the frame.
        var reader = call.frame.unsafeReader(maximumDepth: call.accepting.depth)
        let session = call.key.session
        self = try wire { () throws(WireError) in
            let count = try reader.array(counts: CallOperation.itemCounts)
            let operation = try reader.unsigned()
            guard count == CallOperation.itemCounts.upperBound else {
                return CallContext(key: .init(session: session), operation: operation, outer: 0)
            }
            for _ in 0..<5 { try reader.skip() }
            let isNew = operation == CallOperation.enter.rawValue
            if isNew { try reader.array(count: 2) }
            let key = SessionContexts.Key(session: session, number: try reader.unsigned())
            return CallContext(
                key: key, operation: operation, outer: isNew ? try reader.unsigned() : 0)
        }
    }

    private init(key: SessionContexts.Key, operation: UInt64, outer: UInt64) {
        self.key = key
        self.operation = operation
        self.outer = outer
    }

    /// Whether the call leaves the context manager of the context.
    var isLeft: Bool { operation == CallOperation.leave.rawValue }

    func enter(
        _ contexts: SessionContexts, on thread: PythonThreadState
    ) throws(ConversionFailure) -> SessionContexts.Place {
        if operation == CallOperation.enter.rawValue {
            return try contexts.open(key, within: outer)
        }
        // In a copy `__exit__` could not undo what `__enter__` has set.
        if isLeft { contexts.waitUntilFree(key, on: thread) }
        return try contexts.enter(key)
    }
}
