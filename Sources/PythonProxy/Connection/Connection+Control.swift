import ProxyTransport
import ProxyWire

/// Requests that servers answer without Python, even while calls run.
extension Connection {
    /// Asks whether the server is there.
    nonisolated(nonsending) func ping() async throws {
        _ = try await request(.ping)
    }

    /// Asks what the server is and does.
    func status() async throws -> ServerStatus {
        try await request(.status).read(limits: limits) { try ServerStatus(from: &$0) }
    }

    /// Interrupts a running call, also one of another client's, or all.
    ///
    /// - Returns: how many.
    func interrupt(_ call: CallKey?) async throws -> UInt64 {
        try await request(.interrupt, Interruption(call: call).frame())
            .read(limits: limits) { try $0.unsigned() }
    }

    /// Lets the server take over changed files, and waits until it has.
    func reload(everything: Bool) async throws -> ReloadEvent {
        try await request(.reload, ReloadRequest(everything: everything).frame())
            .read(limits: limits) { try ReloadEvent(from: &$0) }
    }

    /// Asks for everything that the server prints, also what calls of others do.
    func observe() { channel.send(FrameBuffer().seal(kind: .observe, callID: 0)) }

    /// Asks the server to end.
    func requestShutdown() { channel.send(FrameBuffer().seal(kind: .shutdown, callID: 0)) }

    private nonisolated(nonsending) func request(
        _ kind: FrameKind, _ frame: FrameBuffer = FrameBuffer()
    ) async throws -> InboundFrame {
        do {
            return try await (control ?? self).exchange(frame, as: kind)
        } catch let error as NotBegun {
            throw error.reason
        }
    }
}
