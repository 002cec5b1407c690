import CPythonABI
import ProxyWire

/// Notices objects that stand in several places of one result.
///
/// Values have no identity where they arrive, so such an object is written each time. That may multiply
/// without bound (`x = [x] * 1000`, six times), which is refused long before memory runs out. Arrays in shared
/// memory are written only once: they are one piece of memory where they arrive, too.
///
/// SAFETY: holds references while a result is being written, with the GIL held.
struct Repetitions: ~Copyable {
    private let buffer: FrameBuffer
    /// Objects that have been written, with the length of what that took.
    private var lengths: [PythonReference: Int] = [:]
    private var repeatedBytes = 0
    /// Arrays whose bytes are in a segment, by its position in the frame's table. They are kept alive, so
    /// that no other object can come to the same address.
    private var lent: [PythonReference: Int] = [:]

    /// So much may be written because of repetitions, in bytes.
    private static let maximumRepeatedBytes = 1 << 28
    /// Shorter strings of bytes count with the container that they stand in.
    private static let noticeableLength = 1 << 12

    init(_ buffer: FrameBuffer) {
        self.buffer = buffer
    }

    deinit {
        for object in lent.keys { py.Py_DecRef(object) }
    }

    /// Before a container is written.
    ///
    /// - Returns: what `end` needs, if the object may stand somewhere else, too.
    mutating func begin(_ borrowed: PythonReference) throws(ConversionFailure) -> Int? {
        guard mayRepeat(borrowed) else { return nil }
        if let length = lengths[borrowed] { try count(length) }
        return buffer.count
    }

    mutating func end(_ borrowed: PythonReference, begunAt start: Int) {
        lengths[borrowed] = max(buffer.count - start, 1)
    }

    /// Takes note of an object without objects inside, which takes `length` bytes.
    mutating func note(_ borrowed: PythonReference, length: Int) throws(ConversionFailure) {
        guard length >= Self.noticeableLength, mayRepeat(borrowed) else { return }
        if lengths.updateValue(length, forKey: borrowed) != nil { try count(length) }
    }

    private mutating func count(_ length: Int) throws(ConversionFailure) {
        repeatedBytes += length
        guard repeatedBytes <= Self.maximumRepeatedBytes else {
            throw .unsupported(
                "the same objects stand in so many places that the result is far larger than "
                    + "the memory that it takes in Python; return them once, or arrays",
                .whole)
        }
    }

    /// Where the bytes of an object are already.
    func segment(of borrowed: PythonReference) -> Int? {
        lent.isEmpty ? nil : lent[borrowed]
    }

    /// Takes note of an object whose bytes have just been written, if they went into a segment.
    mutating func remember(_ borrowed: PythonReference, ifLentSince loanCount: Int) {
        guard buffer.loanCount > loanCount, mayRepeat(borrowed), lent[borrowed] == nil else {
            return
        }
        py.Py_IncRef(borrowed)
        lent[borrowed] = loanCount
    }

    /// Forgets the objects whose bytes are in the segments after the first `loanCount`, which have been taken back.
    mutating func forget(after loanCount: Int) {
        for (object, position) in lent where position >= loanCount {
            lent[object] = nil
            py.Py_DecRef(object)
        }
    }

    /// One reference is the container's, one is held while the object is written.
    private func mayRepeat(_ borrowed: PythonReference) -> Bool {
        borrowed.pointee.ob_refcnt > 2
    }
}
