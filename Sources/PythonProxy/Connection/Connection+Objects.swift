import Foundation
import ProxyTransport
import ProxyWire

/// Objects that stay on the server.
extension Connection {
    /// An object is dropped after so long, if nothing is sent before.
    private static let dropDelay = DispatchTimeInterval.milliseconds(20)
    /// So many go with another frame, which waits for them to be written.
    private static let longestRide = 256
    private static let longestFrame = 16_384

    /// Objects are no longer used, once of the times that each has been sent. On any thread; waits for nothing.
    func drop(_ numbers: [UInt64]) {
        let setsTimer = dropped.withLock { dropped in
            dropped.numbers += numbers
            hasDropped.store(!dropped.numbers.isEmpty, ordering: .relaxed)
            // One at a time, however many come and go meanwhile.
            defer { dropped.isTimerSet = true }
            return !dropped.isTimerSet
        }
        guard setsTimer else { return }
        DispatchQueue.global(qos: .utility).asyncAfter(deadline: .now() + Self.dropDelay) {
            [weak self] in
            self?.dropped.withLock { $0.isTimerSet = false }
            self?.sendDrops(orAtMost: .max)
        }
    }

    /// Tells the server which objects have been dropped, unless they are so many that the next frame would wait.
    func rideDrops() {
        if hasDropped.load(ordering: .relaxed) { sendDrops(orAtMost: Self.longestRide) }
    }

    /// - Parameter count: does nothing if there are more.
    private func sendDrops(orAtMost count: Int) {
        let numbers = dropped.withLock { dropped -> [UInt64] in
            guard dropped.numbers.count <= count else { return [] }
            defer { dropped.numbers = [] }
            hasDropped.store(false, ordering: .relaxed)
            return dropped.numbers
        }
        var rest = numbers[...]
        while !rest.isEmpty, isOpen {
            channel.send(
                ObjectDrops(rest.prefix(Self.longestFrame).map { .init($0) }).frame())
            rest = rest.dropFirst(Self.longestFrame)
        }
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

/// Objects that the server is to be told of.
struct DroppedObjects {
    /// In the order in which they are dropped, as often as they are.
    var numbers: [UInt64] = []
    var isTimerSet = false
}
