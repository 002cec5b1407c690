import CPlatform
import ProxyWire

/// Makes chunks of what is written: a chunk ends at a line's end, at a flush, at the end of its call, or when its
/// beginning has waited for long. A state machine without I/O.
///
/// No chunk joins two calls, or two streams. One per process: what has begun is rescued from a crash.
struct ChunkCollector {
    /// A chunk that gets longer than this ends.
    private static let longestChunk = 1 << 20
    private static let lineEnd = UInt8(ascii: "\n")

    private struct Key: Hashable {
        let stream: Output.Stream
        let call: CallKey?
    }

    /// A chunk that has not ended.
    private struct Beginning {
        var bytes: [UInt8] = []
        /// When its first byte came, in nanoseconds.
        var start: UInt64 = 0
    }

    private var key = Key(stream: .standardOutput, call: nil)
    private var current = Beginning()
    /// Those of other keys.
    private var others: [Key: Beginning] = [:]
    private var complete: [CapturedChunk] = []

    /// How many have ended.
    var completeCount: Int { complete.count }

    /// Whether a chunk of a call has begun.
    func hasBegun(_ stream: Output.Stream, of call: CallKey?) -> Bool {
        let key = Key(stream: stream, call: call)
        return key == self.key ? !current.bytes.isEmpty : others[key] != nil
    }

    /// When the oldest beginning has come, if the last bytes are a beginning.
    var newStart: UInt64? { current.bytes.isEmpty ? nil : oldestStart }

    /// When the oldest beginning has come.
    var oldestStart: UInt64? {
        let start = current.bytes.isEmpty ? nil : current.start
        guard let other = others.values.map(\.start).min() else { return start }
        return min(start ?? other, other)
    }

    /// Those that have ended, in the order in which they have.
    mutating func takeComplete() -> [CapturedChunk] {
        defer { complete = [] }
        return complete
    }

    /// Takes what was written.
    ///
    /// - Parameters:
    ///   - now: in nanoseconds.
    ///   - endsWithin: whether a chunk ends at a line's end in the middle of the bytes, too: they were not written
    ///     in one go.
    mutating func append(
        _ bytes: UnsafeRawBufferPointer, to stream: Output.Stream, of call: CallKey?,
        now: @autoclosure () -> UInt64, endsWithin: Bool = false
    ) {
        guard let last = bytes.last else { return }
        select(Key(stream: stream, call: call))
        var bytes = bytes
        if endsWithin, last != Self.lineEnd, let end = bytes.lastIndex(of: Self.lineEnd) {
            current.bytes += bytes[...end]
            endCurrent()
            bytes = UnsafeRawBufferPointer(rebasing: bytes[(end + 1)...])
        }
        if current.bytes.isEmpty { current.start = now() }
        current.bytes += bytes
        if last == Self.lineEnd || current.bytes.count > Self.longestChunk {
            endCurrent()
        } else {
            // Should the process crash before the rest comes.
            cplatform_add_to_rescued(bytes.baseAddress, bytes.count)
        }
    }

    // MARK: Ends

    /// A stream was flushed.
    mutating func flush(_ stream: Output.Stream, of call: CallKey?) {
        end(Key(stream: stream, call: call))
    }

    /// A call has ended.
    mutating func end(_ call: CallKey) {
        if current.bytes.isEmpty, others.isEmpty { return }
        end(Key(stream: .standardOutput, call: call))
        end(Key(stream: .standardError, call: call))
    }

    /// Ends what has begun by a time.
    mutating func end(begunBy time: UInt64) {
        for (key, other) in others.sorted(by: { $0.value.start < $1.value.start })
        where other.start <= time {
            end(key)
        }
        if current.start <= time { endCurrent() }
    }

    /// Ends all.
    mutating func endAll() { end(begunBy: .max) }

    private mutating func end(_ key: Key) {
        if key == self.key { return endCurrent() }
        guard let other = others.removeValue(forKey: key) else { return }
        complete.append(CapturedChunk(stream: key.stream, call: key.call, bytes: other.bytes))
    }

    private mutating func endCurrent() {
        guard !current.bytes.isEmpty else { return }
        complete.append(CapturedChunk(stream: key.stream, call: key.call, bytes: current.bytes))
        forgetCurrent()
    }

    private mutating func forgetCurrent() {
        current.bytes = []
        cplatform_forget_rescued()
    }

    private mutating func select(_ new: Key) {
        if new == key { return }
        if new.call == key.call || key.call == nil {
            // What a call writes to two streams stays in order, and so does what may belong to any call.
            endCurrent()
        } else if !current.bytes.isEmpty {
            others[key] = current
            forgetCurrent()
        }
        key = new
        if others.isEmpty { return }
        let opposite: Output.Stream =
            new.stream == .standardOutput ? .standardError : .standardOutput
        end(Key(stream: opposite, call: new.call))
        if let other = others.removeValue(forKey: new) { current = other }
    }
}
