/// The version of the protocol between a client and a server.
package enum ProtocolVersion {
    /// Raised by every change that an older peer would misunderstand.
    package static let current: UInt64 = 6
}
