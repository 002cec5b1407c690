import Foundation
import ProxyTransport
import Testing

@testable import PythonProxy

/// What Python prints is seen where the program's own text is.
@Suite(.timeLimit(.minutes(5)))
struct ShownOutputTests {
    static let module = #"""
        import sys, threading
        print("imported")
        def say(text):
            print(text)
            print("complaint of", text, file=sys.stderr)
        def fail(text):
            print(text, end="")
            raise ValueError("no good")
        """#

    private func run(
        _ workspace: Workspace, _ arguments: [String]
    ) async throws -> ShortProcess.Result {
        let program = workspace.context.programDirectory + "/TestProgram"
        let environment = try TestEnvironment.any.folder
        return try await Task.detached {
            try ShortProcess.run(
                program,
                arguments + ["--python", environment, "--path", workspace.folder + "/python"],
                variables: workspace.context.variables, directory: workspace.folder,
                milliseconds: 60_000)
        }.value
    }

    @Test func textOfPythonAndOfTheProgramStaysInOrder() async throws {
        try await Workspace.with(try .any, modules: ["sample": Self.module]) { workspace in
            let result = try await run(workspace, ["print"])
            #expect(result.output == "imported\nbefore\nduring\nafter\nat last")
            #expect(result.error == "complaint of during\n")
            #expect(result.ending == .exit(status: 0))
        }
    }

    @Test func aProgramThatEndsAtOnceHasShownAll() async throws {
        try await Workspace.with(try .any, modules: ["sample": Self.module]) { workspace in
            let result = try await run(workspace, ["leave"])
            #expect(result.output == "imported\nkept\n")
            #expect(result.error == "complaint of kept\n")
            for server in try await FoundServer.all(workspace.context) {
                _ = try await server.stop()
            }
        }
    }

    @Test func whatIsNotToBeShownIsNot() async throws {
        try await Workspace.with(try .any, modules: ["sample": Self.module]) { workspace in
            let result = try await run(workspace, ["print", "--silent"])
            #expect(result.output == "before\nafter\n")
            #expect(result.error.isEmpty)
        }
    }

    @Test func aServiceModuleThatPrintsWhenItIsImportedIsHeardByTheFirstClient() async throws {
        let module = "print('the service is ready')\ndef echo(x): return x\n"
        try await Workspace.with(try .any, modules: ["sample": module]) { workspace in
            let pipe = try PipeEnds()
            let display = OutputDisplay(output: pipe.writing.number, error: 2)
            func client() async throws -> Proxy {
                try await workspace.proxy {
                    $0.service = "sample"
                    $0.isScoped = true
                    $0.showsOutput = true
                    $0.display = display
                }
            }
            let proxy = try await client()
            let one: Int = try await proxy.echo(1)
            #expect(one == 1)
            // A second client is not the one that has started it.
            let other = try await client()
            let two: Int = try await other.echo(2)
            #expect(two == 2)
            await other.disconnect()
            await proxy.disconnect()
            #expect(text(in: pipe.reading.number) == "the service is ready\n")
        }
    }

    @Test func aThousandCallsAtOncePrintWholeLines() async throws {
        try await Workspace.with(try .any, modules: ["sample": Self.module]) { workspace in
            let pipe = try PipeEnds()
            let display = OutputDisplay(output: pipe.writing.number, error: pipe.writing.number)
            let sample = try await workspace.proxy("sample") {
                $0.isScoped = true
                $0.showsOutput = true
                $0.display = display
            }
            try await withThrowingTaskGroup(of: Void.self) { group in
                for number in 0..<1000 { group.addTask { try await sample.say(number) } }
                try await group.waitForAll()
            }
            await sample.disconnect()
            let lines = text(in: pipe.reading.number).split(separator: "\n").map(String.init)
            let expected =
                ["imported"] + (0..<1000).flatMap { ["\($0)", "complaint of \($0)"] }
            let torn = Set(lines).subtracting(expected)
            #expect(torn.isEmpty)
            #expect(lines.count == expected.count)
        }
    }

    /// What a pipe holds.
    private func text(in number: Int32) -> String {
        var bytes = [UInt8](repeating: 0, count: 1 << 16)
        let count = read(number, &bytes, bytes.count)
        return String(decoding: bytes.prefix(max(count, 0)), as: UTF8.self)
    }
}
