import ProxyWire
import Testing

struct CBORReaderTests {
    /// Items that are not well-formed (RFC 8949, appendix F), or claim more than there is.
    static let malformed: [(name: String, hex: String)] = [
        ("empty", ""), ("reserved information 28", "1c"), ("reserved information 30", "fe"),
        ("unsigned of indefinite length", "1f"), ("tag of indefinite length", "df00"),
        ("break alone", "ff"), ("break in a definite array", "81ff"),
        ("tag without content", "c0"), ("map without a value", "a101"),
        ("odd indefinite map", "bf01ff"), ("chunk of another type", "5f6100ff"),
        ("chunk of indefinite length", "5f5f4100ffff"), ("simple value below 32", "f818"),
        ("text longer than the data", "7a00ffffff61"),
        ("bytes of 2⁶⁴ − 1", "5bffffffffffffffff00"),
        ("array of 2⁶⁴ − 1", "9bffffffffffffffff00"), ("map of 2⁶³", "bb800000000000000000"),
    ]

    @Test(arguments: malformed)
    func malformedItemsAreErrors(name: String, hex: String) {
        [UInt8](hexadecimal: hex).withUnsafeBytes { bytes in
            var reader = CBORReader(bytes, maximumDepth: 8)
            #expect(throws: WireError.self) {
                try reader.skip()
                try reader.finish()
            }
        }
    }

    @Test(arguments: [UInt8(0x81), 0x9F, 0xA1, 0xC0, 0xD8])
    func nestingIsBounded(initial: UInt8) {
        // A thousand containers or tags, each inside the one before. A map's key is not nested here,
        // so it is a null that comes first; a tag of two bytes needs its number.
        let step: [UInt8] =
            switch initial {
            case 0xA1: [0xA1, 0xF6]
            case 0xD8: [0xD8, 0x20]
            default: [initial]
            }
        let bytes = Array([[UInt8]](repeating: step, count: 1000).joined()) + [0xF6]
        bytes.withUnsafeBytes { bytes in
            var reader = CBORReader(bytes, maximumDepth: 100)
            #expect(throws: WireError.tooDeep(limit: 100)) { try reader.skip() }
        }
    }

    @Test func invalidUTF8IsAnError() {
        [UInt8](hexadecimal: "62c328").withUnsafeBytes { bytes in
            var reader = CBORReader(bytes, maximumDepth: 8)
            #expect(throws: WireError.self) { try reader.text() }
        }
    }

    @Test func bytesAfterTheLastItemAreAnError() throws {
        try [UInt8](hexadecimal: "0101").withUnsafeBytes { bytes in
            var reader = CBORReader(bytes, maximumDepth: 8)
            try reader.skip()
            #expect(throws: WireError.self) { try reader.finish() }
        }
    }

    static let badArrays: [(name: String, hex: String)] = [
        ("shape and elements disagree", "d8288281 03 d856 48 0000000000000000"),
        ("not a whole number of elements", "d8288281 01 d856 47 00000000000000"),
        ("elements are text", "d8288281 01 d856 61 61"),
        ("a negative dimension", "d8288281 20 d856 40"),
        (
            "a product of dimensions beyond 64 bits",
            "d8288283 1bffffffffffff 1bffffffffffff 02 d856 40"
        ),
        ("no elements", "d82881 8101"),
        ("complex elements of integers", "d8288281 01 d9c669 d84f 48 0000000000000000"),
    ]

    @Test(arguments: badArrays)
    func arraysThatAreNoneAreErrors(name: String, hex: String) {
        [UInt8](hexadecimal: hex.replacing(" ", with: "")).withUnsafeBytes { bytes in
            var reader = CBORReader(bytes, maximumDepth: 8)
            #expect(throws: WireError.self) {
                _ = try reader.head()
                _ = try reader.rowMajorArray()
            }
        }
    }
}
