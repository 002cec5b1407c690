import Foundation
import Testing

@testable import PythonProxy

/// What Python, C code and subprocesses print.
@Suite(.timeLimit(.minutes(10)))
struct OutputTests {
    static let module = """
        import ctypes, os, subprocess, sys
        def say(text, error=False): print(text, file=sys.stderr if error else sys.stdout)
        def raw(): os.write(1, b"raw"); os.write(2, b"error")
        def c(): libc = ctypes.PyDLL(None); libc.puts(b"from C")
        def child(): subprocess.run(["echo", "from a child"], check=True)
        def much(n):
            for _ in range(n): print("x" * 1023)
        def much_c(n):
            write = ctypes.PyDLL(None).write
            block = b"y" * 1_000_000
            for _ in range(n): write(1, block, len(block))
        def binary(): sys.stdout.buffer.write(bytes([0, 255, 254])); sys.stdout.buffer.flush()
        def inode(descriptor): return os.fstat(descriptor).st_ino
        def end(): print("END", end="", flush=True)
        """

    private func withModule(
        _ environment: TestEnvironment, _ body: (Proxy) async throws -> Void
    ) async throws {
        try await Workspace.with(environment, modules: ["sample": Self.module]) { workspace in
            try await workspace.withProxy("sample", { _ in }, body)
        }
    }

    /// The bytes of both streams up to the text "END".
    private func collect(_ output: AsyncStream<OutputChunk>) async -> (out: [UInt8], err: [UInt8]) {
        var (out, err): ([UInt8], [UInt8]) = ([], [])
        for await chunk in output {
            #expect(chunk.droppedBytes == 0)
            if chunk.stream == .standardOutput { out += chunk.bytes } else { err += chunk.bytes }
            if out.suffix(3).elementsEqual("END".utf8) { break }
        }
        return (out.dropLast(3), err)
    }

    @Test(arguments: TestEnvironment.bothWays)
    func everythingThatIsPrintedArrives(environment: TestEnvironment) async throws {
        try await withModule(environment) { sample in
            let output = sample.output
            try await sample.say("hello ü")
            try await sample.say("oops", error: true)
            try await sample.raw()
            try await sample.c()
            try await sample.child()
            try await sample.binary()
            try await sample.end()
            let (out, err) = await collect(output)
            #expect(out == Array("hello ü\nrawfrom C\nfrom a child\n".utf8) + [0, 255, 254])
            #expect(String(decoding: err, as: UTF8.self) == "oops\nerror")
        }
    }

    @Test func outputNamesItsCall() async throws {
        try await withModule(try .any) { sample in
            let output = sample.output
            try await sample.say("one")
            try await sample.say("two")
            try await sample.end()
            var ids: [String: UInt64?] = [:]
            for await chunk in output {
                let text = chunk.text.trimmingCharacters(in: .whitespacesAndNewlines)
                if !text.isEmpty { ids[text] = chunk.callID }
                if text == "END" { break }
            }
            #expect(ids["one"] != nil && ids["one"] != ids["two"])
        }
    }

    @Test(arguments: ["much", "much_c"])
    func aCallThatPrintsTenMegabytesCompletes(function: String) async throws {
        try await withModule(try .any) { sample in
            let output = sample.output
            let reading = Task { await collect(output) }
            try await sample[function](function == "much" ? 10_240 : 10)
            try await sample.end()
            let count = await reading.value.out.count
            #expect(count == (function == "much" ? 10_240 * 1024 : 10_000_000))
        }
    }

    @Test func aCallThatPrintsMuchCompletesWhenNobodyReads() async throws {
        try await withModule(try .any) { sample in
            try await sample.much(10_240)
            try await sample.much_c(10)
        }
    }

    @Test func withoutCaptureTheServerHasTheDescriptorsOfTheClient() async throws {
        try await Workspace.with(try .any, modules: ["sample": Self.module]) { workspace in
            try await workspace.withProxy("sample", { $0.captureOutput = false }) { sample in
                for descriptor in [1, 2] {
                    let theirs: UInt64 = try await sample.inode(descriptor)
                    var status = stat()
                    fstat(Int32(descriptor), &status)
                    #expect(theirs == UInt64(status.st_ino))
                }
            }
        }
    }
}
