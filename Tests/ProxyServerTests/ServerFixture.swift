import Foundation
import ProxyTransport
import ProxyWire
import Testing

@testable import ProxyServer

/// A server in this process, with an interpreter made of a closure.
struct ServerFixture {
    let address: ServerAddress
    let identity: ServerIdentity
    let server: Server

    /// - Parameter change: of the server's configuration.
    static func run(
        _ interpreter: FakeInterpreter, _ change: (inout ServerConfiguration) -> Void = { _ in },
        _ body: (ServerFixture) throws -> Void
    ) throws {
        let folder = "/tmp/pyproxy-test-\(UUID().uuidString.prefix(8))"
        try FileManager.default.createDirectory(
            atPath: folder, withIntermediateDirectories: false)
        defer { try? FileManager.default.removeItem(atPath: folder) }
        let identity = ServerIdentity(
            interpreter: "fake", baseInterpreter: "fake", service: nil, path: [],
            workingDirectory: folder, port: 0, autoreload: false, captureOutput: false, build: "b")
        let address = ServerAddress.unix(try UnixAddress(path: folder + "/s.sock"))
        let log = ServerLog(try Descriptor(opening: folder + "/log", flags: O_RDWR | O_CREAT))
        var configuration = ServerConfiguration(identity: identity, address: address)
        change(&configuration)
        let server = try Server(
            configuration: configuration,
            interpreter: interpreter, log: log,
            output: try ServerOutput(log: log, captures: false),
            process: ProcessControl(
                exit: { Issue.record("the server did not end by itself") },
                endChildren: {},
                kill: { Issue.record("the server was to be killed") }))
        let hasEnded = ConditionMutex(false)
        try NativeThread.start {
            do { try server.run(mainThread: interpreter.mainThread) {} } catch {
                Issue.record("\(error)")
            }
            server.finish()
            hasEnded.signal { $0 = true }
        }
        defer {
            // Nobody listens any more if it has ended already.
            if let client = try? ServerFixture(
                address: address, identity: identity, server: server
            ).connect() {
                client.channel.send(
                    Hello(client: "end", identity: nil, limits: Limits(), role: .control).frame())
                client.send(.shutdown)
                hasEnded.wait { $0 ? () : nil }
            }
            hasEnded.wait { $0 ? () : nil }
        }
        try body(ServerFixture(address: address, identity: identity, server: server))
    }

    /// A connection that has said nothing yet.
    func connect() throws -> TestClient {
        TestClient(channel: Channel(try address.connect(), payloadLimit: 1 << 20))
    }

    /// A connection that has been welcomed.
    func welcomed(as role: ClientRole = .lasting) throws -> TestClient {
        let client = try connect()
        client.channel.send(
            Hello(client: "test", identity: identity, limits: Limits(), role: role).frame())
        #expect(try client.next()?.kind == .welcome)
        return client
    }
}

/// The client's end of a connection, frame by frame.
struct TestClient {
    let channel: Channel

    func call(_ target: String, id: UInt64) {
        let writer = CBORWriter(FrameBuffer())
        writer.array(count: 4)
        writer.unsigned(CallOperation.call.rawValue)
        writer.text(target)
        writer.array(count: 0)
        writer.map(count: 0)
        channel.send(writer.buffer.seal(kind: .call, callID: id))
    }

    func send(_ kind: FrameKind, id: UInt64 = 0) {
        channel.send(FrameBuffer().seal(kind: kind, callID: id))
    }

    func next() throws -> InboundFrame? { try channel.receive() }

    func closing() throws -> Closing? {
        guard let frame = try next(), [.goodbye, .refusal].contains(frame.kind) else { return nil }
        return try frame.read(limits: Limits()) { try Closing(from: &$0) }
    }
}
