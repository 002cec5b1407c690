import ProxyWire

extension AnyNDArray {
    /// The elements as Python values, in row-major order: texts and bytes without the zeros that fill them up,
    /// records as dicts, dates and durations as numpy scalars, NaT as `.none`.
    public var elementValues: [PythonValue] { values(at: 0..<count) }

    /// Some of the elements as Python values.
    ///
    /// - Parameter positions: in row-major order.
    func values(at positions: some Collection<Int>) -> [PythonValue] {
        withUnsafeBytes { bytes in
            positions.map { Self.value(of: dtype, in: bytes, at: $0 * dtype.size) }
        }
    }

    /// The elements in nested lists, one level for each dimension.
    var nestedValue: PythonValue {
        var rest = elementValues[...]
        func nested(_ shape: ArraySlice<Int>) -> PythonValue {
            guard let length = shape.first else { return rest.popFirst() ?? .none }
            return .list((0..<length).map { _ in nested(shape.dropFirst()) })
        }
        // Rows without elements take no memory, but lists of them do.
        let rows = shape.prefix { $0 != 0 }.reduce(1) { $0.multipliedReportingOverflow(by: $1).0 }
        guard count > 0 || (0...1 << 20).contains(rows) else { return [] }
        return nested(shape[...])
    }

    /// SAFETY: the dtype has been checked to stay inside of its element, and the element inside of `bytes`.
    private static func value(
        of dtype: DType, in bytes: UnsafeRawBufferPointer, at offset: Int
    ) -> PythonValue {
        let element = UnsafeRawBufferPointer(rebasing: bytes[offset..<offset + dtype.size])
        switch dtype {
        case .bytes:
            let end = element.lastIndex { $0 != 0 }.map { $0 + 1 } ?? 0
            return .bytes(Array(element.prefix(end)))
        case .void: return .bytes(Array(element))
        case .str(let length): return .string(text(of: length, in: element))
        case .datetime64, .timedelta64:
            // The smallest number stands for NaT.
            let count = element.loadUnaligned(as: Int64.self)
            if count == .min { return .none }
            return .scalar(
                AnyNDArray(dtype: dtype, shape: [], storage: ArrayStorage(copying: element)))
        case .structured(let type):
            return .dictionary(
                PythonDictionary(type.fields.map { (.string($0.name), value(of: $0, in: element)) })
            )
        default:
            guard let type = dtype.element else { return .none }
            return PythonValue(
                Elements(type: type, isBigEndian: false, bytes: element).number(at: 0))
        }
    }

    private static func value(
        of field: StructuredDType.Field, in record: UnsafeRawBufferPointer
    ) -> PythonValue {
        guard !field.shape.isEmpty else {
            return value(of: field.dtype, in: record, at: field.offset)
        }
        let size = field.shape.reduce(field.dtype.size, *)
        let bytes = UnsafeRawBufferPointer(
            rebasing: record[field.offset..<field.offset + size])
        return .array(
            AnyNDArray(
                dtype: field.dtype, shape: field.shape, storage: ArrayStorage(copying: bytes)))
    }

    private static func text(of length: Int, in bytes: UnsafeRawBufferPointer) -> String {
        var text = String.UnicodeScalarView()
        var pendingZeros = 0
        for index in 0..<length {
            let code = UInt32(
                littleEndian: bytes.loadUnaligned(fromByteOffset: 4 * index, as: UInt32.self))
            if code == 0 {
                pendingZeros += 1
                continue
            }
            for _ in 0..<pendingZeros { text.append("\0") }
            pendingZeros = 0
            // A lone surrogate is no Unicode scalar.
            text.append(Unicode.Scalar(code) ?? "\u{FFFD}")
        }
        return String(text)
    }
}
