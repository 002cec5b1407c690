import Foundation
import ProxyWire

@testable import PythonProxy

/// What a client makes of any bytes that a server sends: the stream cut into frames; a reply read as a
/// value, as Swift types, written as JSON, described, and written again.
@_cdecl("LLVMFuzzerTestOneInput")
public func fuzzClient(_ start: UnsafePointer<UInt8>, _ count: Int) -> CInt {
    cutIntoFrames(UnsafeRawBufferPointer(start: start, count: count))
    let buffer = FrameBuffer()
    buffer.extend(by: count).copyMemory(from: start, byteCount: count)
    read(InboundFrame(kind: .reply, callID: 1, buffer: buffer))
    return 0
}

private func cutIntoFrames(_ bytes: UnsafeRawBufferPointer) {
    var assembler = FrameAssembler(limit: 1 << 20)
    var rest = bytes[...]
    while !rest.isEmpty {
        let space = assembler.space()
        let count = min(space.count, rest.count, 100)
        space.copyBytes(from: rest.prefix(count))
        rest = rest.dropFirst(count)
        assembler.received(count)
        while let frame = try? assembler.next() { _ = (frame.content.count, frame.loanNumbers) }
    }
}

private struct Record: Codable {
    var name: String?
    var values: [Double]?
    var nested: [String: [Record]]?
    var date: Date?
}

private func read(_ frame: InboundFrame) {
    _ = try? ValueCoding.decode([Double].self, from: .init(frame: frame))
    _ = try? ValueCoding.decode([[Int?]].self, from: .init(frame: frame))
    _ = try? ValueCoding.decode([Record].self, from: .init(frame: frame))
    _ = try? ValueCoding.decode(NDArray<Float>.self, from: .init(frame: frame))
    _ = try? ValueCoding.decode([Date?].self, from: .init(frame: frame))
    _ = try? ValueCoding.decode(Decimal.self, from: .init(frame: frame))
    _ = try? ValueCoding.decode([String: [UInt8]].self, from: .init(frame: frame))
    _ = try? ValueCoding.decode(tuple: (Int, String, Set<String>).self, from: .init(frame: frame))
    _ = try? frame.read(limits: Limits()) { try PythonError(from: &$0) }
    _ = try? frame.read(limits: Limits()) { try Rejection(from: &$0) }
    _ = try? frame.read(limits: Limits()) { try Output(from: &$0) }
    _ = try? frame.read(limits: Limits()) { try Welcome(from: &$0) }
    _ = try? frame.read(limits: Limits()) { try Closing(from: &$0) }
    _ = try? frame.read(limits: Limits()) { try SegmentIntroduction(from: &$0) }
    _ = try? frame.read(limits: Limits()) { try SegmentNumber(from: &$0) }
    if let record = try? frame.read(limits: Limits(), { try LogRecord(from: &$0) }) {
        _ = PythonLogRecord(record, callID: 1)
    }
    if let event = try? frame.read(limits: Limits(), { try ReloadEvent(from: &$0) }) {
        _ = event.description
    }
    if let status = try? frame.read(limits: Limits(), { try ServerStatus(from: &$0) }) {
        _ = (status.calls.map(\.stack), status.identity.fingerprint)
    }
    guard let value = try? ValueCoding.decode(PythonValue.self, from: .init(frame: frame)) else {
        return
    }
    _ = (value.description, value == value, value.hashValue, value[0], value["name"], value.count)
    _ = (value.debugDescription, Array(value), value.keys, try? value.as([Record].self))
    _ = try? JSONEncoder().encode(value)
    // What has been read can be written, and is read as the same. (Only keys that are lists become tuples.)
    guard let once = rewritten(value) else { return }
    guard let twice = rewritten(once) else { preconditionFailure("\(once) cannot be written") }
    precondition(once.description == twice.description, "\(once) became \(twice)")
}

/// - Returns: nil if the value nests too deep to be written.
private func rewritten(_ value: PythonValue) -> PythonValue? {
    guard let written = try? ValueCoding.encode(value) else { return nil }
    guard let again = try? ValueCoding.decode(PythonValue.self, from: written) else {
        preconditionFailure("\(value) cannot be read again")
    }
    return again
}
