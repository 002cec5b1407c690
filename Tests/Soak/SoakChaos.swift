import Foundation
import ProxyTransport
import ProxyWire
import PythonProxy

/// What goes wrong.
struct SoakChaos {
    let herd: SoakHerd
    let folder: String
    let context: ProcessContext
    private(set) var counts: [String: Int] = [:]
    /// Clients that call and never read.
    private var silent: [Channel] = []

    init(herd: SoakHerd, folder: String, context: ProcessContext) {
        self.herd = herd
        self.folder = folder
        self.context = context
    }

    /// Lets one thing go wrong, chosen at random.
    mutating func strike() async throws {
        switch Int.random(in: 0..<100) {
        case ..<6: try await signalServer(SIGKILL, "servers killed")
        case ..<10: try await signalServer(SIGTERM, "servers told to end")
        case ..<18:
            try herd.killOne()
            counts["clients killed", default: 0] += 1
        case ..<26: try callWithoutReading()
        default: garbage()
        }
    }

    /// A client that asks for much and reads nothing but the welcome. The third before leaves.
    private mutating func callWithoutReading() throws {
        guard let address = self.address, let descriptor = try? address.connect() else { return }
        let channel = Channel(descriptor, payloadLimit: Limits.handshakeLength)
        channel.send(Hello(client: "silent", identity: nil, limits: Limits()).frame())
        guard (try? channel.receive(milliseconds: 2000))?.kind == .welcome else { return }
        for id in 1...500 {
            let writer = CBORWriter(FrameBuffer())
            writer.array(count: 4)
            writer.unsigned(CallOperation.call.rawValue)
            writer.text("soak_module:big")
            writer.array(count: 0)
            writer.map(count: 0)
            channel.send(writer.buffer.seal(kind: .call, callID: UInt64(id)))
        }
        silent.append(channel)
        if silent.count > 3 { silent.removeFirst().close() }
        counts["clients that do not read", default: 0] += 1
    }

    private var address: ServerAddress? {
        let files = (try? FileManager.default.contentsOfDirectory(atPath: folder)) ?? []
        guard let socket = files.first(where: { $0.hasSuffix(".sock") }),
            let address = try? UnixAddress(path: folder + "/" + socket)
        else { return nil }
        return .unix(address)
    }

    private mutating func signalServer(_ signal: Int32, _ what: String) async throws {
        // That of the scopes is nobody's to kill.
        let servers = try await FoundServer.all(context)
        guard
            let process = servers.first(where: {
                $0.status?.identity.port != SoakScopes.port
            })?.processIdentifier
        else { return }
        kill(process, signal)
        counts[what, default: 0] += 1
    }

    /// A connection that says something else than the protocol, or nothing.
    private mutating func garbage() {
        guard let descriptor = try? address?.connect() else { return }
        counts["garbage connections", default: 0] += 1
        var bytes: [UInt8]
        switch Int.random(in: 0..<4) {
        case 0: bytes = []
        case 1: bytes = (0..<Int.random(in: 1...4000)).map { _ in UInt8.random(in: 0...255) }
        case 2:
            // A header that promises more than anyone has.
            bytes = [UInt8](repeating: 0xFF, count: 8) + [UInt8](repeating: 1, count: 16)
        default:
            let hello = Hello(client: "half", identity: nil, limits: Limits()).frame()
            bytes = Array(hello.bytes.prefix(Int.random(in: 1..<hello.count)))
        }
        _ = bytes.withUnsafeBytes { write(descriptor.number, $0.baseAddress, $0.count) }
    }
}
