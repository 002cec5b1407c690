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

    /// Sends the client what this server is and does. On a thread of its own, since it looks into Python.
    func report(to session: Session, callID: UInt64) {
        do throws(SystemError) {
            try NativeThread.start { [self] in
                session.channel.send(status(for: session).frame(callID: callID))
            }
        } catch {
            session.channel.send(Rejection(.other, "\(error)").frame(callID: callID))
        }
    }

    /// Interrupts running calls, and tells the client how many.
    func interrupt(_ interruption: Interruption, for session: Session, callID: UInt64) {
        let entries = running.all.filter {
            interruption.call == nil || $0.key == interruption.call
        }
        for entry in entries {
            note("client \(session.id) interrupts \(entry.work.target) of \(entry.key.session)")
            control.interrupt(entry)
        }
        let writer = CBORWriter(FrameBuffer())
        writer.unsigned(UInt64(entries.count))
        session.channel.send(writer.buffer.seal(kind: .reply, callID: callID))
    }

    private func status(for asking: Session) -> ServerStatus {
        let entries = running.all.sorted { $0.start < $1.start }
        let stacks = entries.isEmpty ? [:] : control.stacks(milliseconds: Self.longestWait)
        return ServerStatus(
            processIdentifier: getpid(), pythonVersion: interpreter.version,
            identity: configuration.identity, milliseconds: Self.milliseconds(since: start),
            memory: ProcessMemory.resident, isOwned: isOwned,
            clients: sessions.withLock { $0 }.filter { $0 !== asking }.map {
                ServerStatus.Client(
                    session: $0.id, name: $0.clientName,
                    milliseconds: Self.milliseconds(since: $0.start))
            },
            calls: entries.map { entry in
                ServerStatus.Call(
                    session: entry.key.session, callID: entry.key.call,
                    target: entry.work.target,
                    milliseconds: Self.milliseconds(since: entry.start),
                    stack: stacks?[interpreter.identifier(of: entry.thread)] ?? [])
            },
            emergencyStacks: stacks == nil ? interpreter.emergencyStacks() : "")
    }

    private static func milliseconds(since start: UInt64) -> UInt64 {
        (AdaptiveSpin.now - start) / 1_000_000
    }
}
