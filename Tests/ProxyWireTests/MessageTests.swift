import ProxyWire
import Testing

struct MessageTests {
    private let identity = ServerIdentity(
        interpreter: "/v/bin/python", baseInterpreter: "/usr/bin/python3.11", service: "tools",
        path: [], workingDirectory: "/w", port: 1753, autoreload: true, captureOutput: false,
        build: "b")

    private func payload<Message>(
        _ frame: FrameBuffer, _ read: (inout CBORReader) throws -> Message
    ) throws -> Message {
        try InboundFrame(kind: .hello, callID: 0, buffer: frame).read(limits: Limits(), read)
    }

    @Test func helloArrivesAsItWasSent() throws {
        for identity in [identity, nil] {
            let hello = Hello(
                client: "test", identity: identity, limits: Limits(frameLength: 5, depth: 6))
            #expect(try payload(hello.frame()) { try Hello(from: &$0) } == hello)
        }
    }

    @Test func welcomeArrivesAsItWasSent() throws {
        let welcome = Welcome(processIdentifier: 42, pythonVersion: "3.12.1", limits: Limits())
        #expect(try payload(welcome.frame()) { try Welcome(from: &$0) } == welcome)
    }

    @Test func closingArrivesAsItWasSent() throws {
        let closing = Closing(.identity, "another one")
        #expect(try payload(closing.frame(.refusal)) { try Closing(from: &$0) } == closing)
    }

    @Test func rejectionArrivesAsItWasSent() throws {
        let rejection = Rejection(.conversion, "no", place: "arguments[0]")
        #expect(try payload(rejection.frame(callID: 1)) { try Rejection(from: &$0) } == rejection)
    }

    @Test func outputArrivesAsItWasSent() throws {
        let output = Output(stream: .standardError, bytes: [0, 255], dropped: 3)
        let frame = output.bytes.withUnsafeBytes {
            Output.frame(stream: output.stream, bytes: $0, dropped: output.dropped, callID: 1)
        }
        #expect(try payload(frame) { try Output(from: &$0) } == output)
    }

    @Test func unknownFieldsOfAHelloAreSkipped() throws {
        let writer = CBORWriter(FrameBuffer())
        writer.map(count: 2)
        writer.text("colour")
        writer.array(count: 1)
        writer.null()
        writer.text("protocol")
        writer.unsigned(7)
        #expect(try payload(writer.buffer) { try Hello(from: &$0) }.protocolVersion == 7)
    }

    @Test func everyFieldOfAnIdentityCounts() {
        var others = Array(repeating: identity, count: 9)
        others[0].interpreter = "/x"
        others[1].baseInterpreter = "/x"
        others[2].service = nil
        others[3].path = ["/x"]
        others[4].workingDirectory = "/x"
        others[5].port = 1
        others[6].autoreload = false
        others[7].captureOutput = true
        others[8].build = "x"
        for other in others {
            #expect(identity.differences(from: other).count == 1)
            #expect(identity.fingerprint != other.fingerprint)
        }
        #expect(identity.differences(from: identity).isEmpty)
        #expect(identity.fingerprint.count == 16)
    }
}
