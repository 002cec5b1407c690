import Foundation
import ProxyTransport
import ProxyWire

/// Objects that stay on the server.
extension Connection {
    /// An object is dropped after so long, if nothing is sent before.
    private static let dropDelay = DispatchTimeInterval.milliseconds(20)

    /// Objects are no longer used, once of the times that each has been sent. On any thread; waits for nothing.
    func drop(_ numbers: [UInt64]) {
        let isFirst = dropped.withLock { dropped in
            let isFirst = dropped.isEmpty
            for number in numbers { dropped[number, default: 0] += 1 }
            hasDropped.store(true, ordering: .relaxed)
            return isFirst && !dropped.isEmpty
        }
        guard isFirst else { return }
        DispatchQueue.global(qos: .utility).asyncAfter(deadline: .now() + Self.dropDelay) {
            [weak self] in self?.sendDrops()
        }
    }

    /// Tells the server which objects have been dropped.
    func sendDrops() {
        guard hasDropped.load(ordering: .relaxed) else { return }
        let counts = dropped.withLock { dropped in
            defer { dropped = [:] }
            hasDropped.store(false, ordering: .relaxed)
            return dropped
        }
        guard !counts.isEmpty, isOpen else { return }
        channel.send(ObjectDrops(counts).frame())
    }

    /// Drops the objects in a result that nobody takes.
    func dropObjects(in frame: InboundFrame) {
        guard frame.kind == .reply,
            let numbers = try? frame.read(
                limits: limits,
                { reader in
                    let numbers = try reader.openObjects()
                    try reader.skip()
                    // They have been read before.
                    if numbers != nil { try reader.skip() }
                    return numbers
                })
        else { return }
        drop(numbers)
    }
}
