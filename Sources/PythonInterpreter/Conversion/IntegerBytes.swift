import CPythonABI

/// Conversion of Python integers of more than 64 bits, by way of `int.to_bytes` and `from_bytes`: the
/// limited API has no function for it.
///
/// SAFETY: the references live as long as the process and are used only with the GIL held.
struct IntegerBytes {
    private let fromBytes: PythonReference
    private let toBytes: PythonReference
    private let bitLength: PythonReference
    private let big: PythonReference

    init() throws(ConversionFailure) {
        func attribute(_ name: String) throws(ConversionFailure) -> PythonReference {
            try owning(py.PyObject_GetAttrString(py.PyLong_Type, name)).release()
        }
        fromBytes = try attribute("from_bytes")
        toBytes = try attribute("to_bytes")
        bitLength = try attribute("bit_length")
        big = try newString("big").release()
    }

    /// Calls `body` with the big-endian bytes of n, or of −1 − n for a negative number.
    func withMagnitude(
        of borrowedInteger: PythonReference, isNegative: Bool,
        _ body: (UnsafeRawBufferPointer) -> Void
    ) throws(ConversionFailure) {
        let magnitude =
            isNegative
            ? try owning(py.PyNumber_Invert(borrowedInteger))
            : OwnedReference(borrowing: borrowedInteger)
        let bits = try call(bitLength, magnitude.pointer)
        var overflow: Int32 = 0
        let length = (py.PyLong_AsLongLongAndOverflow(bits.pointer, &overflow) + 7) / 8
        let count = try owning(py.PyLong_FromLongLong(length))
        let bytes = try call(toBytes, magnitude.pointer, count.pointer, big)
        var start: UnsafeMutablePointer<CChar>?
        var size = 0
        try checking(py.PyBytes_AsStringAndSize(bytes.pointer, &start, &size))
        body(UnsafeRawBufferPointer(start: start, count: size))
    }

    /// The integer n whose bytes are given, or −1 − n.
    func newInteger(
        magnitude: [UInt8], isNegative: Bool
    ) throws(ConversionFailure) -> OwnedReference {
        let bytes = try newBytes(magnitude)
        let number = try call(fromBytes, bytes.pointer, big)
        return isNegative ? try owning(py.PyNumber_Invert(number.pointer)) : number
    }
}
