/// The memory of an array.
///
/// SAFETY (`@unchecked Sendable`): written only while it has one owner, which `NDArray` ensures with
/// copy-on-write; read-only as soon as it is shared.
final class ArrayStorage: @unchecked Sendable {
    let bytes: UnsafeMutableRawBufferPointer

    init(byteCount: Int) {
        // 64: a cache line, and the widest vector registers.
        bytes = .allocate(byteCount: byteCount, alignment: 64)
    }

    convenience init(copying source: UnsafeRawBufferPointer) {
        self.init(byteCount: source.count)
        bytes.copyMemory(from: source)
    }

    deinit { bytes.deallocate() }
}
