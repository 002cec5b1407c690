import Foundation
import ProxyTransport
import ProxyWire
import PythonProxy

/// What goes wrong.
struct SoakChaos {
    let herd: SoakHerd
    let folder: String
    let surroundings: Surroundings
    private(set) var counts: [String: Int] = [:]

    init(herd: SoakHerd, folder: String, surroundings: Surroundings) {
        self.herd = herd
        self.folder = folder
        self.surroundings = surroundings
    }

    /// Lets one thing go wrong, chosen at random.
    mutating func strike() throws {
        switch Int.random(in: 0..<100) {
        case ..<6: try signalServer(SIGKILL, "servers killed")
        case ..<10: try signalServer(SIGTERM, "servers told to end")
        case ..<18:
            try herd.killOne()
            counts["clients killed", default: 0] += 1
        default: garbage()
        }
    }

    private mutating func signalServer(_ signal: Int32, _ what: String) throws {
        guard let process = try FoundServer.all(surroundings).first?.processIdentifier else {
            return
        }
        kill(process, signal)
        counts[what, default: 0] += 1
    }

    /// A connection that says something else than the protocol, or nothing.
    private mutating func garbage() {
        let files = (try? FileManager.default.contentsOfDirectory(atPath: folder)) ?? []
        guard let socket = files.first(where: { $0.hasSuffix(".sock") }),
            let address = try? UnixAddress(path: folder + "/" + socket),
            let descriptor = try? ServerAddress.unix(address).connect()
        else { return }
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
