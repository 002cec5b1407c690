import ProxyTransport
import ProxyWire

/// The memory of an array.
///
/// SAFETY (`@unchecked Sendable`): written only while it has one owner, which `NDArray` ensures with
/// copy-on-write; read-only as soon as it is shared.
final class ArrayStorage: @unchecked Sendable {
    let bytes: UnsafeMutableRawBufferPointer
    private let owner: Owner

    private enum Owner {
        /// Allocated here.
        case storage
        /// In a segment of the server's, which goes back with this storage.
        case loan(any Loan)
        /// Seen by servers, too.
        case region(SharedRegion)
    }

    init(byteCount: Int) {
        // 64: a cache line, and the widest vector registers.
        bytes = .allocate(byteCount: byteCount, alignment: 64)
        owner = .storage
    }

    /// Uses part of a segment of the server's, which nobody else uses until it goes back.
    private init(_ bytes: UnsafeRawBufferPointer, in loan: any Loan) {
        self.bytes = UnsafeMutableRawBufferPointer(mutating: bytes)
        owner = .loan(loan)
    }

    /// The storage of bytes in a segment of the server's. An array that stands several times in a frame is
    /// the same storage each time; for different parts of a segment there is a copy.
    static func using(_ bytes: UnsafeRawBufferPointer, in loan: any Loan) -> ArrayStorage {
        let user = loan.user { ArrayStorage(bytes, in: loan) }
        guard let storage = user as? ArrayStorage,
            storage.bytes.baseAddress.map({ UnsafeRawPointer($0) }) == bytes.baseAddress,
            storage.bytes.count == bytes.count
        else { return ArrayStorage(copying: bytes) }
        return storage
    }

    init(_ region: SharedRegion, byteCount: Int) {
        bytes = UnsafeMutableRawBufferPointer(rebasing: region.memory.bytes.prefix(byteCount))
        owner = .region(region)
    }

    /// The memory that servers see, too, if this is such.
    var region: SharedRegion? {
        if case .region(let region) = owner { region } else { nil }
    }

    convenience init(copying source: UnsafeRawBufferPointer) {
        self.init(byteCount: source.count)
        bytes.copyMemory(from: source)
    }

    deinit {
        if case .storage = owner { bytes.deallocate() }
    }
}
