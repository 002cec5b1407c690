import Foundation
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

/// A connection for looking after a server instead of calling it. Everything here blocks.
package struct ControlConnection {
    private let channel: Channel
    private let place: ServerPlace
    package let processIdentifier: Int32

    private static let answerMilliseconds = 5000

    /// - Throws: `ProxyError.serverUnavailable` if nobody answers in time.
    package init(to place: ServerPlace) throws {
        do {
            try self.init(connectingTo: place, milliseconds: Self.answerMilliseconds)
        } catch is ServerConnector.NobodyThere {
            throw ProxyError.serverUnavailable(
                "no server listens at \(place.address); 'pyproxy list' shows those that run")
        } catch let error as ServerConnector.NotAnswering {
            throw error.proxyError
        }
    }

    /// - Throws: what `ServerConnector` throws.
    init(connectingTo place: ServerPlace, milliseconds: Int) throws {
        let connector = ServerConnector(place: place, identity: nil, milliseconds: milliseconds)
        let (channel, welcome) = try connector.connect()
        channel.open(
            accepting: connector.limits, sending: connector.limits.bounded(by: welcome.limits),
            isolatesWrites: false)
        self.channel = channel
        self.place = place
        processIdentifier = welcome.processIdentifier
    }

    /// What the server is and does.
    package func status() throws -> ServerStatus {
        try exchange(FrameBuffer(), as: .status) { try ServerStatus(from: &$0) }
    }

    /// Interrupts a running call, or all.
    ///
    /// - Returns: how many.
    package func interrupt(_ call: CallNumber?) throws -> UInt64 {
        let key = call.map { CallKey(session: $0.client, call: $0.call) }
        return try exchange(Interruption(call: key).frame(), as: .interrupt) { try $0.unsigned() }
    }

    /// Lets the server take over changed files.
    package func reload(onlyChanged: Bool) throws -> ReloadEvent {
        let request = ReloadRequest(everything: !onlyChanged).frame()
        return try exchange(request, as: .reload) { try ReloadEvent(from: &$0) }
    }

    /// Asks the server to end.
    package func shutdown() {
        channel.send(FrameBuffer().seal(kind: .shutdown, callID: 0))
    }

    /// Blocks until the connection has ended, for `milliseconds` at most.
    ///
    /// - Returns: whether it has.
    package func waitForEnd(milliseconds: Int) -> Bool {
        channel.waitForEnd(milliseconds: milliseconds)
    }

    /// Passes on everything that the server prints, until it ends or `body` returns false.
    package func observe(_ body: ([UInt8]) -> Bool) throws {
        channel.send(FrameBuffer().seal(kind: .observe, callID: 0))
        while let frame = try channel.receive() {
            guard frame.kind == .output else { continue }
            let output = try frame.read(limits: Limits()) { try Output(from: &$0) }
            if !body(output.bytes) { return }
        }
    }

    package func close() { channel.close() }

    private func exchange<Answer>(
        _ frame: FrameBuffer, as kind: FrameKind, _ read: (inout CBORReader) throws -> Answer
    ) throws -> Answer {
        channel.send(frame.seal(kind: kind, callID: 1))
        let deadline = ContinuousClock.now + .milliseconds(Self.answerMilliseconds)
        do {
            while let answer = try channel.receive(
                milliseconds: max(0, Int((deadline - .now) / .milliseconds(1))))
            {
                if answer.kind == .reply { return try answer.read(limits: Limits(), read) }
            }
        } catch let error as WireError {
            throw ProxyError.protocolViolation("\(error)")
        } catch is SystemError {}
        throw ProxyError.serverUnavailable("the server at \(place.address) does not answer")
    }
}
