/// The first message of a client.
package struct Hello: Sendable, Equatable {
    package var protocolVersion: UInt64
    /// Who is calling, for the log.
    package var client: String
    /// The server that the client means; nil if any will do.
    package var identity: ServerIdentity?
    /// What the client accepts.
    package var limits: Limits
    /// Shows that the client has read the server's token file; empty where there is none.
    package var token: String
    package var role: ClientRole

    package init(
        protocolVersion: UInt64 = ProtocolVersion.current, client: String,
        identity: ServerIdentity?, limits: Limits, token: String = "",
        role: ClientRole = .lasting
    ) {
        self.protocolVersion = protocolVersion
        self.client = client
        self.identity = identity
        self.limits = limits
        self.token = token
        self.role = role
    }

    package func frame() -> FrameBuffer {
        let writer = CBORWriter(FrameBuffer(capacity: 1024))
        writer.map(count: 4 + (identity == nil ? 0 : 1) + (token.isEmpty ? 0 : 1))
        writer.text("protocol")
        writer.unsigned(protocolVersion)
        writer.text("client")
        writer.text(client)
        writer.text("limits")
        limits.write(to: writer)
        writer.text("role")
        writer.text(role.rawValue)
        if let identity {
            writer.text("identity")
            identity.write(to: writer)
        }
        if !token.isEmpty {
            writer.text("token")
            writer.text(token)
        }
        return writer.buffer.seal(kind: .hello, callID: 0)
    }

    package init(from reader: inout CBORReader) throws(WireError) {
        var hello = Hello(
            protocolVersion: 0, client: "", identity: nil, limits: Limits(segmentLength: 0),
            role: .scoped)
        try reader.fields { (reader, key) throws(WireError) in
            switch key {
            case "protocol": hello.protocolVersion = try reader.unsigned()
            case "client": hello.client = try reader.text()
            case "limits": hello.limits = try Limits(from: &reader)
            case "token": hello.token = try reader.text()
            // One that is not known yet keeps the server from nothing.
            case "role": hello.role = ClientRole(rawValue: try reader.text()) ?? .scoped
            case "identity": hello.identity = try ServerIdentity(from: &reader)
            default: try reader.skip()
            }
        }
        self = hello
    }
}

extension Limits {
    func write(to writer: borrowing CBORWriter) {
        writer.map(count: 5)
        writer.text("frame")
        writer.unsigned(UInt64(frameLength))
        writer.text("depth")
        writer.unsigned(UInt64(depth))
        writer.text("segment")
        writer.unsigned(UInt64(segmentLength))
        writer.text("calls")
        writer.unsigned(UInt64(unansweredCalls))
        writer.text("bytes")
        writer.unsigned(UInt64(unansweredBytes))
    }

    init(from reader: inout CBORReader) throws(WireError) {
        var limits = Limits(segmentLength: 0)
        try reader.fields { (reader, key) throws(WireError) in
            switch key {
            case "frame": limits.frameLength = Int(clamping: try reader.unsigned())
            case "depth": limits.depth = Int(clamping: try reader.unsigned())
            case "segment": limits.segmentLength = Int(clamping: try reader.unsigned())
            case "calls": limits.unansweredCalls = max(Int(clamping: try reader.unsigned()), 1)
            case "bytes": limits.unansweredBytes = Int(clamping: try reader.unsigned())
            default: try reader.skip()
            }
        }
        self = limits
    }

    /// What may be sent to a peer with the given limits.
    package func bounded(by peer: Limits) -> Limits {
        Limits(
            frameLength: min(frameLength, peer.frameLength), depth: min(depth, peer.depth),
            segmentLength: min(segmentLength, peer.segmentLength),
            unansweredCalls: min(unansweredCalls, peer.unansweredCalls),
            unansweredBytes: min(unansweredBytes, peer.unansweredBytes))
    }
}
