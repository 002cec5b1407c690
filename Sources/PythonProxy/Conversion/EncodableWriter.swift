import ProxyWire

/// Writes any `Encodable` straight into the frame, without an intermediate tree.
///
/// Codable does not say how many entries a container will have, nor when it is complete; so containers
/// are written with indefinite length, and are ended when their parent goes on.
final class EncodableWriter {
    private var writer: PythonWriter
    /// The containers that are not complete, from the outside in.
    private var open: [Int] = []
    private var lastContainer = 0
    /// Whether anything was written for the value that is being encoded.
    private var hasWritten = false

    private init(_ writer: PythonWriter) {
        self.writer = writer
    }

    /// Writes what the value's own `encode(to:)` encodes.
    static func write(_ value: any Encodable, into writer: inout PythonWriter) throws {
        try writer.nested { nested in
            let encodableWriter = EncodableWriter(nested)
            try encodableWriter.encodeWhole(value, path: [], isOwn: true)
        }
    }

    /// Encodes a value and completes every container that it opened.
    ///
    /// - Parameter isOwn: whether its own `encode(to:)` is to be called in any case.
    fileprivate func encodeWhole(
        _ value: any Encodable, path: [any CodingKey], isOwn: Bool = false
    ) throws {
        if !isOwn,
            value is any PythonEncodable || value is any CompasConvertible
                || value is any TargetOwner
        {
            hasWritten = true
            return try writer.encode(value)
        }
        guard path.count <= 256 else { throw ConversionError("values nest deeper than 256 levels") }
        let depth = open.count
        hasWritten = false
        try value.encode(to: ValueEncoder(target: self, codingPath: path))
        if !hasWritten { writer.cbor.map(count: 0) }
        hasWritten = true
        complete(downTo: depth)
    }

    /// Starts a container and returns its number.
    fileprivate func begin(isMap: Bool) -> Int {
        hasWritten = true
        if isMap { writer.cbor.indefiniteMap() } else { writer.cbor.indefiniteArray() }
        lastContainer += 1
        open.append(lastContainer)
        return lastContainer
    }

    /// Makes a container the innermost one: what was opened inside it is complete.
    fileprivate func goOn(with container: Int) throws {
        guard let position = open.firstIndex(of: container) else {
            throw ConversionError(
                "a Codable container was used again after its parent had gone on; "
                    + "encode nested containers one after the other")
        }
        complete(downTo: position + 1)
    }

    fileprivate func writeKey(_ key: any CodingKey) {
        // As in JSON, also of keys that have numbers.
        writer.cbor.text(key.stringValue)
    }

    fileprivate func writeNull() {
        hasWritten = true
        writer.cbor.null()
    }

    private func complete(downTo count: Int) {
        while open.count > count {
            open.removeLast()
            writer.cbor.stop()
        }
    }
}

/// What a type's `encode(to:)` sees.
private struct ValueEncoder: Encoder {
    let target: EncodableWriter
    let codingPath: [any CodingKey]
    var userInfo: [CodingUserInfoKey: Any] { [:] }

    func container<Key: CodingKey>(keyedBy: Key.Type) -> KeyedEncodingContainer<Key> {
        KeyedEncodingContainer(
            KeyedWriter<Key>(
                target: target, container: target.begin(isMap: true), codingPath: codingPath))
    }

    func unkeyedContainer() -> any UnkeyedEncodingContainer {
        UnkeyedWriter(
            target: target, container: target.begin(isMap: false), codingPath: codingPath)
    }

    func singleValueContainer() -> any SingleValueEncodingContainer {
        SingleValueWriter(target: target, codingPath: codingPath)
    }
}

private struct KeyedWriter<Key: CodingKey>: KeyedEncodingContainerProtocol {
    let target: EncodableWriter
    let container: Int
    let codingPath: [any CodingKey]

    private func begin(_ key: any CodingKey) throws {
        try target.goOn(with: container)
        target.writeKey(key)
    }

    mutating func encodeNil(forKey key: Key) throws {
        try begin(key)
        target.writeNull()
    }

    mutating func encode<Value: Encodable>(_ value: Value, forKey key: Key) throws {
        try begin(key)
        try ConversionError.inside(.field(key.stringValue)) {
            try target.encodeWhole(value, path: codingPath + [key])
        }
    }

    mutating func nestedContainer<Nested: CodingKey>(
        keyedBy keyType: Nested.Type, forKey key: Key
    ) -> KeyedEncodingContainer<Nested> {
        encoder(forKey: key).container(keyedBy: keyType)
    }

    mutating func nestedUnkeyedContainer(forKey key: Key) -> any UnkeyedEncodingContainer {
        encoder(forKey: key).unkeyedContainer()
    }

    mutating func superEncoder() -> any Encoder { encoder(forKey: AnyKey("super")) }
    mutating func superEncoder(forKey key: Key) -> any Encoder { encoder(forKey: key) }

    private func encoder(forKey key: any CodingKey) -> ValueEncoder {
        // A container that is already complete takes no more; its own next use throws.
        try? begin(key)
        return ValueEncoder(target: target, codingPath: codingPath + [key])
    }
}

private struct UnkeyedWriter: UnkeyedEncodingContainer {
    let target: EncodableWriter
    let container: Int
    let codingPath: [any CodingKey]
    var count = 0

    private mutating func begin() throws {
        try target.goOn(with: container)
        count += 1
    }

    mutating func encodeNil() throws {
        try begin()
        target.writeNull()
    }

    mutating func encode<Value: Encodable>(_ value: Value) throws {
        try begin()
        try ConversionError.inside(.index(count - 1)) {
            try target.encodeWhole(value, path: codingPath + [AnyKey(count - 1)])
        }
    }

    mutating func nestedContainer<Nested: CodingKey>(
        keyedBy keyType: Nested.Type
    ) -> KeyedEncodingContainer<Nested> {
        encoder().container(keyedBy: keyType)
    }

    mutating func nestedUnkeyedContainer() -> any UnkeyedEncodingContainer {
        encoder().unkeyedContainer()
    }

    mutating func superEncoder() -> any Encoder { encoder() }

    private mutating func encoder() -> ValueEncoder {
        try? begin()
        return ValueEncoder(target: target, codingPath: codingPath + [AnyKey(count - 1)])
    }
}

private struct SingleValueWriter: SingleValueEncodingContainer {
    let target: EncodableWriter
    let codingPath: [any CodingKey]

    mutating func encodeNil() throws { target.writeNull() }

    mutating func encode<Value: Encodable>(_ value: Value) throws {
        try target.encodeWhole(value, path: codingPath)
    }
}

/// A coding key made at run time.
struct AnyKey: CodingKey {
    let stringValue: String
    let intValue: Int?

    init(_ string: String) {
        stringValue = string
        intValue = nil
    }

    init(_ index: Int) {
        stringValue = String(index)
        intValue = index
    }

    init(stringValue: String) { self.init(stringValue) }
    init(intValue: Int) { self.init(intValue) }
}
