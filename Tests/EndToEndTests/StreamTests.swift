import Foundation
import Testing

@testable import PythonProxy

/// What one call does to the streams of the process must not end them for the next one.
@Suite(.timeLimit(.minutes(5)))
struct StreamTests {
    static let module = #"""
        import ctypes, gc, io, os, subprocess, sys

        def say():
            print("said")
            print("complained", file=sys.stderr)
            libc = ctypes.CDLL(None)
            libc.printf(b"from C\n")
            libc.fflush(None)
            subprocess.run(["echo", "from a child"], check=True)

        def own_stream():
            sys.stdout = os.fdopen(sys.stdout.fileno(), "w", buffering=1)
            print("mine")
        def drop_own_stream():
            sys.stdout = sys.__stdout__
            gc.collect()
        def wrap():
            sys.stdout = io.TextIOWrapper(sys.stdout.buffer, encoding="utf-8", line_buffering=True)
            print("wrapped")
        def unwrap():
            sys.stdout = sys.__stdout__
            gc.collect()
        def read_descriptor_zero(): return open(0).read()
        def close_descriptors():
            for number in range(3): os.close(number)
        def close_streams():
            for stream in (sys.stdin, sys.stdout, sys.stderr): stream.close()
        def leave(): exit()
        def nothing(): sys.stdin = sys.stdout = sys.stderr = None
        def redirect(path):
            saved, file = os.dup(1), os.open(path, os.O_WRONLY | os.O_CREAT)
            os.dup2(file, 1)
            print("into the file")
            subprocess.run(["echo", "from a child"], check=True)
            os.dup2(saved, 1)
            print("END")
            for number in (saved, file): os.close(number)
        def descriptors():
            return [os.path.realpath(f"/proc/self/fd/{number}").split(":")[0] for number in range(3)]
        """#

    /// What is done, in one call each, and whether it raises.
    static let breaking: [(functions: [String], raises: Bool)] = [
        (["own_stream", "drop_own_stream"], false), (["wrap", "unwrap"], false),
        (["read_descriptor_zero"], false), (["close_descriptors"], false),
        (["close_streams"], false), (["leave"], true), (["nothing"], false),
    ]

    @Test(arguments: TestEnvironment.bothWays)
    func everyClientPrintsAfterACallHasBrokenTheStreams(environment: TestEnvironment) async throws {
        try await Workspace.with(environment, modules: ["sample": Self.module]) { workspace in
            for (functions, raises) in Self.breaking {
                try await workspace.withProxy("sample") { sample in
                    for function in functions {
                        if raises {
                            await #expect(throws: PythonError.self) { try await sample[function]() }
                        } else {
                            try await sample[function]()
                        }
                    }
                    // A client that connects now gets none of the descriptors.
                    let other = try await workspace.proxy("sample") { $0.isScoped = true }
                    for proxy in [sample, other] {
                        let output = proxy.server.output
                        try await proxy.say()
                        var texts = [OutputChunk.Stream: String]()
                        for await chunk in output {
                            texts[chunk.stream, default: ""] += chunk.text
                            if texts[.standardOutput]?.contains("from a child\n") == true,
                                texts[.standardError] != nil
                            {
                                break
                            }
                        }
                        let printed = texts[.standardOutput] ?? ""
                        #expect(printed.contains("said\nfrom C\nfrom a child\n"), "\(functions)")
                        #expect(texts[.standardError]?.contains("complained\n") == true)
                    }
                    let numbers: [String] = try await sample.descriptors()
                    #expect(numbers[1].hasSuffix("pipe") && numbers[2].hasSuffix("pipe"))
                    #expect(!numbers[0].hasSuffix("socket"))
                    await other.disconnect()
                }
            }
        }
    }

    @Test(arguments: TestEnvironment.all)
    func whatTakesThePlaceOfADescriptorGetsWhatIsPrinted(
        environment: TestEnvironment
    ) async throws {
        try await Workspace.with(environment, modules: ["sample": Self.module]) { workspace in
            try await workspace.withProxy("sample") { sample in
                let output = sample.server.output
                let path = workspace.folder + "/python/printed"
                try await sample.redirect(path)
                var text = ""
                for await chunk in output {
                    text += chunk.text
                    if text.hasSuffix("END\n") { break }
                }
                #expect(text == "END\n")
                let printed = try String(contentsOfFile: path, encoding: .utf8)
                #expect(printed == "into the file\nfrom a child\n")
            }
        }
    }
}
