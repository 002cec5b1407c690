/// Bytes that are not what the protocol says.
package enum WireError: Error, Sendable, Equatable {
    /// The data ends inside an item.
    case truncated(offset: Int)
    /// An item that is not well-formed, or not the one that must stand here.
    case malformed(String, offset: Int)
    /// Values nest deeper than `Limits.depth`.
    case tooDeep(limit: Int)
    /// A frame is longer than `Limits.frameLength`.
    case tooLong(length: UInt64, limit: Int)
}

extension WireError: CustomStringConvertible {
    package var description: String {
        switch self {
        case .truncated(let offset):
            "the data ends inside the item that starts at byte \(offset)"
        case .malformed(let what, let offset):
            "\(what) (at byte \(offset))"
        case .tooDeep(let limit):
            "values nest deeper than the limit of \(limit) levels"
        case .tooLong(let length, let limit):
            "a frame of \(length) bytes is longer than the limit of \(limit) bytes"
        }
    }
}
