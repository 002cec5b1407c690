import ProxyTransport
import ProxyWire

/// Taking over changed files: when no call runs, so that each call sees either the old code or the new.
extension Server {
    /// Files have begun to change: calls that come now wait for the new code.
    func filesChange() { dispatcher.expectExclusive() }

    func filesChanged(_ paths: Set<String>) {
        wantReload { $0.paths.formUnion(paths) }
    }

    /// A client asks for a reload, and waits for it.
    func reload(_ request: ReloadRequest, for session: Session, callID: UInt64) {
        guard configuration.identity.exposed.isEmpty else {
            let refusal = Rejection(
                .other, "reload() is not exposed by this server, which is limited to packages")
            session.channel.send(refusal.frame(callID: callID))
            return
        }
        wantReload {
            $0.everything = $0.everything || request.everything
            $0.paths.insert("")
            $0.requests.append(.init(session: session, callID: callID))
        }
    }

    private func wantReload(_ change: (inout WantedReload) -> Void) {
        wantedReload.withLock { change(&$0) }
        dispatcher.runExclusively(ReloadTurn(server: self))
    }

    /// Reloads on the current thread, while no call runs.
    func performReload(on thread: any InterpreterThread) {
        let wanted = wantedReload.withLock { wanted in
            defer { wanted = WantedReload() }
            return wanted
        }
        let outcome = thread.reload(
            wanted.paths.sorted(), everything: wanted.everything, as: ReloadTurn.key)
        if let outcome {
            note(outcome.line)
            for session in sessions.withLock({ $0 }) {
                session.channel.send(frame(outcome.payload, .reloaded, callID: 0))
            }
        }
        for request in wanted.requests {
            // CBOR's null: there was nothing to do.
            request.session.channel.send(
                frame(outcome?.payload ?? [0xF6], .reply, callID: request.callID))
        }
    }

    private func frame(_ payload: [UInt8], _ kind: FrameKind, callID: UInt64) -> FrameBuffer {
        let buffer = FrameBuffer(capacity: payload.count + 64)
        UnsafeMutableRawBufferPointer(
            start: buffer.extend(by: payload.count), count: payload.count
        ).copyBytes(from: payload)
        return buffer.seal(kind: kind, callID: callID)
    }
}
