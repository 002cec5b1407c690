import Foundation
import ProxyWire

extension Bool: PythonDecodable {
    init(from reader: inout PythonReader) throws {
        let start = reader
        guard case .bool(let value) = try reader.number() else {
            reader = start
            self = try reader.readPlain(as: Self.self)
            return
        }
        self = value
    }
}

extension PythonDecodable where Self: FixedWidthInteger & Decodable {
    /// Reads an int, or a float without a fraction. Throws if it does not fit.
    init(from reader: inout PythonReader) throws {
        let start = reader
        switch try reader.number() {
        case .signed(let value):
            guard let exact = Self(exactly: value) else { throw Self.doesNotFit("\(value)") }
            self = exact
        case .unsigned(let value):
            guard let exact = Self(exactly: value) else { throw Self.doesNotFit("\(value)") }
            self = exact
        case .double(let value):
            guard let exact = Self(exactly: value) else { throw Self.doesNotFit("\(value)") }
            self = exact
        case .bool, .complex:
            throw start.mismatch(Self.self)
        case nil:
            guard let value = try reader.integer() else {
                self = try reader.readPlain(as: Self.self)
                return
            }
            guard let exact = Self(exactly: value) else { throw Self.doesNotFit("\(value)") }
            self = exact
        }
    }

    private static func doesNotFit(_ value: String) -> ConversionError {
        ConversionError("\(value) does not fit in \(Self.self) without loss; ask for a wider type")
    }
}

extension Int: PythonDecodable {}
extension Int8: PythonDecodable {}
extension Int16: PythonDecodable {}
extension Int32: PythonDecodable {}
extension Int64: PythonDecodable {}
extension Int128: PythonDecodable {}
extension UInt: PythonDecodable {}
extension UInt8: PythonDecodable {}
extension UInt16: PythonDecodable {}
extension UInt32: PythonDecodable {}
extension UInt64: PythonDecodable {}
extension UInt128: PythonDecodable {}

extension PythonInteger: PythonDecodable {
    init(from reader: inout PythonReader) throws {
        let start = reader
        switch try reader.number() {
        case .signed(let value): self.init(value)
        case .unsigned(let value): self.init(value)
        case .double(let value):
            guard let whole = Int128(exactly: value) else { throw start.mismatch(Self.self) }
            self.init(whole)
        case .bool, .complex: throw start.mismatch(Self.self)
        case nil:
            guard let value = try reader.integer() else { throw start.mismatch(Self.self) }
            self = value
        }
    }
}

extension PythonInteger: Decodable {
    /// For this package's decoder; otherwise an integer, or its decimal digits as text.
    public init(from decoder: any Decoder) throws {
        if let value = try Self(directlyFrom: decoder) {
            self = value
            return
        }
        let container = try decoder.singleValueContainer()
        if let value = try? container.decode(Int.self) {
            self.init(value)
        } else if let value = PythonInteger(try container.decode(String.self)) {
            self = value
        } else {
            throw DecodingError.dataCorruptedError(
                in: container, debugDescription: "expected an integer or its decimal digits")
        }
    }
}

extension Double: PythonDecodable {
    /// Reads a float, or an int that a Double holds exactly.
    init(from reader: inout PythonReader) throws {
        let start = reader
        func exact(_ value: some BinaryInteger) throws -> Double {
            guard let double = Double(exactly: value) else {
                throw ConversionError(
                    "the int \(value) is no exact Double; ask for an Int, or convert it in Python "
                        + "with float()")
            }
            return double
        }
        switch try reader.number() {
        case .double(let value): self = value
        case .signed(let value): self = try exact(value)
        case .unsigned(let value): self = try exact(value)
        case nil:
            self = try reader.readPlain(as: Self.self)
        case .bool, .complex: throw start.mismatch(Double.self)
        }
    }
}

extension Float: PythonDecodable {
    /// Reads a number and rounds it to the nearest Float. Throws if it is out of range.
    init(from reader: inout PythonReader) throws {
        let value = try Double(from: &reader)
        self = Float(value)
        guard isFinite == value.isFinite else {
            throw ConversionError("\(value) is out of the range of Float; ask for a Double")
        }
    }
}

extension String: PythonDecodable {
    init(from reader: inout PythonReader) throws {
        guard reader.isInFrame, try reader.cbor.peek().major == .text else {
            self = try reader.readPlain(as: Self.self)
            return
        }
        self = try reader.cbor.text()
    }
}

extension Data: PythonDecodable {
    /// Reads bytes.
    init(from reader: inout PythonReader) throws {
        guard reader.isInFrame, try reader.cbor.peek().isBytes else {
            self = try reader.readPlain(as: Self.self)
            return
        }
        self = Data(try reader.cbor.byteString())
    }
}

extension Complex: PythonDecodable where RealType: BinaryFloatingPoint & Decodable {
    /// Reads a complex number, or a real one: a float is rounded to the nearest `RealType`, an int must be exact.
    init(from reader: inout PythonReader) throws {
        let start = reader
        func rounded(_ value: Double) throws -> RealType {
            let real = RealType(value)
            guard real.isFinite == value.isFinite else {
                throw ConversionError(
                    "\(value) is out of the range of \(RealType.self); ask for Complex<Double>")
            }
            return real
        }
        func exact(_ value: some BinaryInteger) throws -> RealType {
            guard let real = RealType(exactly: value) else {
                throw ConversionError(
                    "the int \(value) is not exact as a \(RealType.self); ask for an Int, or "
                        + "convert it in Python with complex()")
            }
            return real
        }
        switch try reader.number() {
        case .complex(let value):
            self.init(try rounded(value.rawStorage.x), try rounded(value.rawStorage.y))
        case .double(let value): self.init(try rounded(value))
        case .signed(let value): self.init(try exact(value))
        case .unsigned(let value): self.init(try exact(value))
        case .bool, nil: throw start.mismatch(Self.self)
        }
    }
}

extension PythonReader {
    /// Whether the next value is None or what stands for a missing one: NaN, NaT, pandas.NA. If so, it is read.
    mutating func readNone() throws -> Bool {
        switch place {
        case .frame: break
        case .row: return false
        case .array(let part):
            guard part.shape.isEmpty, case .double(let value) = part.elements.number(at: 0),
                value.isNaN
            else { return false }
            place = .frame
            return true
        case .time(_, let steps):
            guard steps == .min else { return false }
            place = .frame
            return true
        }
        let head = try cbor.peek()
        var ahead = self
        let isMissing: Bool
        switch head.major {
        case .simple: isMissing = head.isNull || head.isFloat && head.double.isNaN
        case .tag
        where [
            CBORTag.scalar, CBORTag.numpyScalar, CBORTag.pandas, CBORTag.described,
        ].contains(head.argument):
            isMissing =
                switch try PythonValue(from: &ahead) {
                case .tagged(let value): value.isMissing
                case .scalar(let array): array.elementValues.first?.isMissing == true
                default: false
                }
        default: isMissing = false
        }
        guard isMissing else { return false }
        try cbor.skip()
        return true
    }
}
