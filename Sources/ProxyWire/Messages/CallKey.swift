/// Names a call among those of all clients of a server, in one number that Python code can carry.
package struct CallKey: Sendable, Hashable, RawRepresentable {
    /// The session in the upper bits, the call within it in the lower ones; 0 is no call.
    package let rawValue: UInt64

    package static let callBits: UInt64 = 40
    /// Call ids are less than this.
    package static let limit: UInt64 = 1 << callBits

    /// The highest number of a session that fits: what Python code carries fits into 63 bits.
    package static let lastSession: UInt64 = 1 << (63 - callBits) - 1

    package init(rawValue: UInt64) {
        self.rawValue = rawValue
    }

    package init(session: UInt64, call: UInt64) {
        rawValue = session << Self.callBits | call & (1 << Self.callBits - 1)
    }

    package var session: UInt64 { rawValue >> Self.callBits }
    package var call: UInt64 { rawValue & (1 << Self.callBits - 1) }
}
