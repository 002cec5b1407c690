import ProxyTransport
import ProxyWire

#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#else
    import Darwin
#endif

/// What a server tells about itself, and does for the person who looks after it.
extension Server {
    /// How long to wait for the GIL, in milliseconds.
    private static var longestWait: Int { 1000 }
    private static var longestObjectList: Int { 1000 }

    /// Sends the client what this server is and does, soon: that looks into Python.
    func report(to session: Session, callID: UInt64) {
        do throws(SystemError) {
            try reporter.ask(.init(session: session, callID: callID))
        } catch {
            session.channel.send(Rejection(.other, "\(error)").frame(callID: callID))
        }
    }

    /// Answers requests for the status. On the reporter's thread.
    func answer(_ requests: [StatusReporter.Request]) {
        let running = dispatcher.running.sorted { $0.start < $1.start }
        let stacks = running.isEmpty ? [:] : control.stacks(milliseconds: Self.longestWait)
        for request in requests {
            request.session.channel.send(
                status(for: request.session, running, stacks).frame(callID: request.callID))
        }
    }

    /// Interrupts running calls, and tells the client how many.
    func interrupt(_ interruption: Interruption, for session: Session, callID: UInt64) {
        let entries = dispatcher.running.filter {
            $0.runningThread != nil && (interruption.call == nil || $0.key == interruption.call)
        }
        for entry in entries {
            note("client \(session.id) interrupts \(entry.target) of \(entry.key.session)")
            control.interrupt(entry)
        }
        let writer = CBORWriter(FrameBuffer())
        writer.unsigned(UInt64(entries.count))
        session.channel.send(writer.buffer.seal(kind: .reply, callID: callID))
    }

    private func status(
        for asking: Session, _ running: [Work], _ stacks: [UInt64: [String]]?
    ) -> ServerStatus {
        ServerStatus(
            processIdentifier: getpid(), pythonVersion: interpreter.version,
            identity: configuration.identity, milliseconds: Self.milliseconds(since: start),
            memory: ProcessMemory.resident,
            endsWithLastClient: !receiver.lifetime.withLock { $0.isKept },
            clients: others(than: asking).map {
                ServerStatus.Client(
                    session: $0.id, name: $0.clientName,
                    milliseconds: Self.milliseconds(since: $0.start))
            },
            calls: running.compactMap { work in
                guard let thread = work.runningThread else { return nil }
                return ServerStatus.Call(
                    session: work.key.session, callID: work.key.call,
                    target: work.target,
                    milliseconds: Self.milliseconds(since: work.start),
                    stack: stacks?[thread.identifier] ?? [])
            },
            objects: Array(interpreter.objectCounts().prefix(Self.longestObjectList)),
            emergencyStacks: stacks == nil ? interpreter.emergencyStacks() : "")
    }

    /// All connections to a private server are one client's.
    private func others(than asking: Session) -> [Session] {
        if case .inherited = configuration.address { return [] }
        return sessions.withLock { $0 }.filter { $0 !== asking && $0.isClient }
    }

    private static func milliseconds(since start: UInt64) -> UInt64 {
        (AdaptiveSpin.now - start) / 1_000_000
    }
}
