import Foundation
import Logging
import ProxyTransport
import ProxyWire

/// The number of a call on a server, among those of all its clients.
package struct CallNumber: Sendable {
    let client: UInt64
    let call: UInt64

    package init(client: UInt64, call: UInt64) {
        self.client = client
        self.call = call
    }
}

/// A connection for looking after a server instead of calling it.
package struct ControlConnection: Sendable {
    private let connection: Connection
    private let place: ServerPlace

    private static let answerMilliseconds = 5000

    /// - Throws: `ProxyError.serverUnavailable` if nobody answers in time.
    package init(to place: ServerPlace) async throws {
        if place.isPrivate {
            throw ProxyError.serverUnavailable(
                "that server is private: only the program that has started it can talk to it")
        }
        do {
            try await self.init(connectingTo: place, milliseconds: Self.answerMilliseconds)
        } catch let error as ServerConnector.NobodyThere {
            throw error.proxyError
        } catch let error as ServerConnector.NotAnswering {
            throw error.proxyError
        }
    }

    /// - Throws: what `ServerConnector` throws.
    init(connectingTo place: ServerPlace, milliseconds: Int) async throws {
        self.place = place
        connection = try await NativeThread.runCancellable { cancellation in
            let connector = ServerConnector(
                place: place, identity: nil, milliseconds: milliseconds, role: .control,
                cancellation: cancellation)
            return try Connection(
                connector.connect(), events: ServerEvents(),
                logger: Logger(label: "PythonProxy"))
        }
    }

    package var processIdentifier: Int32 { connection.welcome.processIdentifier }

    /// What the server is and does.
    package func status() async throws -> ServerStatus {
        try await answer { try await $0.status() }
    }

    /// Interrupts a running call, or all.
    ///
    /// - Returns: how many.
    package func interrupt(_ call: CallNumber?) async throws -> UInt64 {
        let key = call.map { CallKey(session: $0.client, call: $0.call) }
        return try await answer { try await $0.interrupt(key) }
    }

    /// Lets the server take over changed files.
    package func reload(onlyChanged: Bool) async throws -> ReloadEvent {
        try await answer { try await $0.reload(everything: !onlyChanged) }
    }

    /// Asks the server to end.
    package func requestShutdown() { connection.requestShutdown() }

    /// Everything that the server prints from now on, whatever client it is for, until the connection ends.
    package func observe() throws -> AsyncStream<OutputChunk> {
        let output = connection.events.output
        try NativeThread.start { [connection] in
            connection.waitUntilClosed()
            connection.events.finish()
        }
        connection.observe()
        return output
    }

    /// Waits until the connection has ended, for instance because the server has.
    package func waitUntilEnded() async throws {
        try await NativeThread.run { [connection] in connection.waitUntilClosed() }
    }

    package func close() { connection.close() }

    private func answer<Value: Sendable>(
        _ request: @escaping @Sendable (Connection) async throws -> Value
    ) async throws -> Value {
        do {
            return try await Deadline.run(within: .milliseconds(Self.answerMilliseconds)) {
                [connection] in try await request(connection)
            }
        } catch ProxyError.timedOut {
            throw ProxyError.serverUnavailable("the server at \(place.address) does not answer")
        }
    }
}
