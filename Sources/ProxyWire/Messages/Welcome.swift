/// The server's answer to a hello that it accepts.
package struct Welcome: Sendable, Equatable {
    package var protocolVersion: UInt64
    package var processIdentifier: Int32
    /// For people: "3.12.1".
    package var pythonVersion: String
    /// What the server accepts.
    package var limits: Limits
    /// Shows that the server knows its token file; empty where there is none.
    package var proof: String

    package init(
        protocolVersion: UInt64 = ProtocolVersion.current, processIdentifier: Int32,
        pythonVersion: String, limits: Limits, proof: String = ""
    ) {
        self.protocolVersion = protocolVersion
        self.processIdentifier = processIdentifier
        self.pythonVersion = pythonVersion
        self.limits = limits
        self.proof = proof
    }

    package func frame() -> FrameBuffer {
        let writer = CBORWriter(FrameBuffer())
        writer.map(count: proof.isEmpty ? 4 : 5)
        writer.text("protocol")
        writer.unsigned(protocolVersion)
        writer.text("process")
        writer.unsigned(UInt64(processIdentifier))
        writer.text("python")
        writer.text(pythonVersion)
        writer.text("limits")
        limits.write(to: writer)
        if !proof.isEmpty {
            writer.text("proof")
            writer.text(proof)
        }
        return writer.buffer.seal(kind: .welcome, callID: 0)
    }

    package init(from reader: inout CBORReader) throws(WireError) {
        var welcome = Welcome(
            protocolVersion: 0, processIdentifier: 0, pythonVersion: "",
            limits: Limits(segmentLength: 0))
        try reader.fields { (reader, key) throws(WireError) in
            switch key {
            case "protocol": welcome.protocolVersion = try reader.unsigned()
            case "process":
                welcome.processIdentifier = Int32(clamping: try reader.unsigned())
            case "python": welcome.pythonVersion = try reader.text()
            case "proof": welcome.proof = try reader.text()
            case "limits": welcome.limits = try Limits(from: &reader)
            default: try reader.skip()
            }
        }
        self = welcome
    }
}
