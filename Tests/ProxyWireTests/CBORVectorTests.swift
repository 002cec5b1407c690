import Foundation
import ProxyWire
import Testing

/// The test vectors of RFC 8949, appendix A. The file is also read by the Python tests.
struct CBORVectorTests {
    struct Vector: Decodable, CustomTestStringConvertible, Sendable {
        let hex: String
        let diagnostic: String
        /// "exact": written as it is read. "float": read in a shorter form than we write.
        /// "indefinite": strings of it are written in one piece. "other": read only.
        let form: String
        var testDescription: String { diagnostic }
    }

    static let vectors: [Vector] = {
        let file = URL(fileURLWithPath: #filePath).deletingLastPathComponent()
            .appendingPathComponent("../Fixtures/rfc8949-appendix-a.json").standardized
        do {
            return try JSONDecoder().decode([Vector].self, from: Data(contentsOf: file))
        } catch {
            Issue.record("\(file.path): \(error)")
            return []
        }
    }()

    @Test func allVectorsAreThere() {
        #expect(Self.vectors.count == 81)
    }

    @Test(arguments: vectors)
    func decodesAsTheStandardSays(vector: Vector) throws {
        let item = try read(vector)
        guard vector.form != "float", !vector.diagnostic.contains(".") else {
            // Swift and the standard print floats differently: compare the numbers.
            let expected = vector.diagnostic.split { "(),".contains($0) }.last.map(String.init)
            let actual = item.diagnostic.split { "(),".contains($0) }.last.map(String.init)
            if let number = expected.flatMap(Double.init) {
                #expect(actual.flatMap(Double.init)?.bitPattern == number.bitPattern)
            } else {
                #expect(actual == expected)
            }
            return
        }
        #expect(item.diagnostic == vector.diagnostic)
    }

    @Test(arguments: vectors.filter { $0.form == "exact" })
    func encodesAsTheStandardSays(vector: Vector) throws {
        let writer = CBORWriter(FrameBuffer())
        try read(vector).write(to: writer)
        #expect(Array(writer.buffer.payload).hexadecimal == vector.hex)
    }

    @Test(arguments: vectors)
    func skipsWholeItems(vector: Vector) throws {
        try Array(hexadecimal: vector.hex).withUnsafeBytes { bytes in
            var reader = CBORReader(bytes, maximumDepth: 8)
            try reader.skip()
            try reader.finish()
        }
    }

    @Test(arguments: vectors)
    func everyTruncationIsAnError(vector: Vector) {
        let bytes = [UInt8](hexadecimal: vector.hex)
        for length in 0..<bytes.count {
            bytes[..<length].withBytes { bytes in
                var reader = CBORReader(bytes, maximumDepth: 8)
                #expect(throws: WireError.self) { try reader.skip() }
            }
        }
    }

    private func read(_ vector: Vector) throws -> DiagnosticItem {
        try Array(hexadecimal: vector.hex).withUnsafeBytes { bytes in
            var reader = CBORReader(bytes, maximumDepth: 8)
            let item = try DiagnosticItem(from: &reader)
            try reader.finish()
            return item
        }
    }
}
