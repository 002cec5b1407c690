import Foundation
import ProxyWire

extension Bool: PythonEncodable {
    func encode(into writer: inout PythonWriter) { writer.cbor.boolean(self) }
}

extension PythonEncodable where Self: BinaryInteger {
    /// Writes an int.
    func encode(into writer: inout PythonWriter) {
        if let value = Int64(exactly: self) {
            writer.cbor.integer(value)
        } else {
            PythonInteger(self).encode(into: &writer)
        }
    }
}

extension Int: PythonEncodable {}
extension Int8: PythonEncodable {}
extension Int16: PythonEncodable {}
extension Int32: PythonEncodable {}
extension Int64: PythonEncodable {}
extension Int128: PythonEncodable {}
extension UInt: PythonEncodable {}
extension UInt8: PythonEncodable {}
extension UInt16: PythonEncodable {}
extension UInt32: PythonEncodable {}
extension UInt64: PythonEncodable {}
extension UInt128: PythonEncodable {}

extension PythonInteger: PythonEncodable {
    func encode(into writer: inout PythonWriter) {
        guard magnitude.count > 8 else {
            let value = magnitude.reduce(UInt64(0)) { $0 << 8 | UInt64($1) }
            writer.cbor.head(isNegative ? .negative : .unsigned, isNegative ? value - 1 : value)
            return
        }
        var bytes = magnitude
        if isNegative {
            // CBOR holds −1 − n: subtract one, borrowing from the left.
            var index = bytes.count - 1
            while bytes[index] == 0 {
                bytes[index] = 0xFF
                index -= 1
            }
            bytes[index] -= 1
        }
        let digits = Array(bytes.drop { $0 == 0 })
        digits.withUnsafeBytes { writer.cbor.bignum(isNegative: isNegative, magnitude: $0) }
    }
}

extension PythonInteger: Encodable {
    public func encode(to encoder: any Encoder) throws {
        var container = encoder.singleValueContainer()
        try container.encode(description)
    }
}

extension Double: PythonEncodable {
    func encode(into writer: inout PythonWriter) { writer.cbor.double(self) }
}

extension Float: PythonEncodable {
    func encode(into writer: inout PythonWriter) { writer.cbor.double(Double(self)) }
}

extension String: PythonEncodable {
    func encode(into writer: inout PythonWriter) { writer.cbor.text(self) }
}

extension Data: PythonEncodable {
    /// Writes bytes.
    func encode(into writer: inout PythonWriter) {
        withUnsafeBytes { writer.cbor.bytes($0) }
    }
}

extension Complex: PythonEncodable where RealType: BinaryFloatingPoint {
    func encode(into writer: inout PythonWriter) {
        writer.cbor.tag(CBORTag.complex)
        writer.cbor.array(count: 2)
        // Not `real` and `imaginary`, which are both NaN where either is not finite.
        writer.cbor.double(Double(rawStorage.x))
        writer.cbor.double(Double(rawStorage.y))
    }
}
