import CPythonABI
import ProxyWire

/// Arrays and scalars of numpy, and what exports its memory.
extension ObjectEncoder {
    /// - Returns: false if the elements are no numbers; nothing has been written then.
    mutating func encodeArray(
        _ borrowed: PythonReference
    ) throws(ConversionFailure) -> Bool {
        try encodeBuffer(borrowed) { view, writer in
            writer.tag(CBORTag.rowMajorArray)
            writer.array(count: 2)
            writer.array(count: Int(view.ndim))
            for dimension in 0..<Int(view.ndim) {
                writer.unsigned(UInt64(view.shape[dimension]))
            }
        }
    }

    /// - Returns: false if the scalar is no number; nothing has been written then.
    mutating func encodeScalar(
        _ borrowed: PythonReference
    ) throws(ConversionFailure) -> Bool {
        try encodeBuffer(borrowed, isScalar: true) { $1.tag(CBORTag.numpyScalar) }
    }

    /// Writes the elements of an array or scalar in row-major order, after what `head` writes.
    private mutating func encodeBuffer(
        _ borrowed: PythonReference, isScalar: Bool = false,
        head: (Py_buffer, borrowing CBORWriter) -> Void
    ) throws(ConversionFailure) -> Bool {
        var view = Py_buffer()
        guard py.PyObject_GetBuffer(borrowed, &view, PyBUF_FULL_RO) == 0 else {
            // datetime64 has no buffer, for instance.
            py.PyErr_Clear()
            return false
        }
        defer { py.PyBuffer_Release(&view) }
        let format = view.format.map { String(cString: $0) } ?? "B"
        guard let (type, isBigEndian) = ElementType.buffer(format: format, size: view.itemsize),
            // The scalar datetime64 shows its eight bytes as an array.
            !isScalar || view.ndim == 0
        else { return false }
        try checkRoom(for: view.len)
        head(view, writer)
        if let position = repetitions.segment(of: borrowed) {
            writer.elementTags(type)
            writer.sharedBytes(position: position, count: view.len)
            return true
        }
        let loanCount = writer.buffer.loanCount
        let destination = writer.elements(type, count: view.len / type.size)
        guard !writer.buffer.isOverflowing else { return true }
        // Copies from any strides into row-major order.
        try checking(
            py.PyBuffer_ToContiguous(destination, &view, view.len, CChar(UInt8(ascii: "C"))))
        if isBigEndian {
            type.swapBytes(UnsafeMutableRawBufferPointer(start: destination, count: view.len))
        }
        repetitions.remember(borrowed, ifLentSince: loanCount)
        return true
    }
}
