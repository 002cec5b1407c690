/// The initial byte of a CBOR data item with its argument (RFC 8949, section 3).
package struct CBORHead: Sendable, Equatable {
    package enum Major: UInt8, Sendable {
        case unsigned = 0
        case negative = 1
        case bytes = 2
        case text = 3
        case array = 4
        case map = 5
        case tag = 6
        case simple = 7
    }

    package let major: Major
    /// The low five bits of the initial byte; 31 is "indefinite length" or "break".
    package let info: UInt8
    package let argument: UInt64

    package init(major: Major, info: UInt8, argument: UInt64) {
        self.major = major
        self.info = info
        self.argument = argument
    }

    package var isIndefinite: Bool { info == 31 && major != .simple }
    package var isBreak: Bool { info == 31 && major == .simple }
    package var isNull: Bool { major == .simple && (info == 22 || info == 23) }
    package var isBoolean: Bool { major == .simple && (info == 20 || info == 21) }
    /// Whether a byte string follows, in the frame or in shared memory.
    package var isBytes: Bool {
        major == .bytes || major == .tag && argument == CBORTag.sharedBytes
    }
    package var isFloat: Bool { major == .simple && (25...27).contains(info) }

    /// The floating-point number, for a head with `isFloat`.
    package var double: Double {
        switch info {
        case 25: Double(halfBits: UInt16(truncatingIfNeeded: argument))
        case 26: Double(Float(bitPattern: UInt32(truncatingIfNeeded: argument)))
        default: Double(bitPattern: argument)
        }
    }

    package func isTag(_ tag: UInt64) -> Bool { major == .tag && argument == tag }

    /// What the item is, in a word that a user knows.
    package var noun: String {
        switch major {
        case .unsigned, .negative: "an int"
        case .bytes: "bytes"
        case .text: "a str"
        case .array: "a list"
        case .map: "a dict"
        case .tag where isBytes: "bytes"
        case .tag: "a tagged value (\(argument))"
        case .simple where isNull: "None"
        case .simple where isBoolean: "a bool"
        case .simple where isFloat: "a float"
        case .simple: "simple value \(argument)"
        }
    }
}

extension Double {
    /// The value of an IEEE 754 binary16 number. (Float16 does not exist on every platform.)
    package init(halfBits bits: UInt16) {
        let sign: Double = bits & 0x8000 == 0 ? 1 : -1
        let exponent = Int(bits >> 10) & 0x1F
        let fraction = Double(bits & 0x3FF)
        switch exponent {
        case 0: self = sign * fraction * 0x1p-24
        case 31:
            // The payload of a NaN moves to the top of the wider fraction.
            let wide = UInt64(bits & 0x8000) << 48 | 0x7FF << 52 | UInt64(bits & 0x3FF) << 42
            self = Double(bitPattern: wide)
        default:
            self =
                sign * (1024 + fraction)
                * Double(sign: .plus, exponent: exponent - 25, significand: 1)
        }
    }
}
