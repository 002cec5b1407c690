import Foundation
import ProxyTransport
import Testing

@testable import PythonProxy

/// Programs beside each other.
@Suite(.timeLimit(.minutes(5)))
struct ProgramsTests {
    /// A program that makes calls in scopes, and the end of a pipe with its standard output.
    private struct Program {
        let process: ChildProcess
        let output: Int32
    }

    private func start(_ workspace: Workspace, seconds: Double) throws -> Program {
        let pipe = try PipeEnds()
        let null = try Descriptor(opening: "/dev/null", flags: O_RDWR)
        let process = try ChildProcess.start(
            workspace.context.programDirectory + "/TestProgram",
            [
                "scopes", "--seconds", "\(seconds)", "--python", try TestEnvironment.any.folder,
                "--path", workspace.folder + "/python",
            ],
            variables: workspace.context.variables, directory: workspace.folder,
            descriptors: [null.number, pipe.writing.number, pipe.writing.number])
        return Program(process: process, output: pipe.takeReading().release())
    }

    /// What a program prints, to the end.
    private func text(of program: Program) async throws -> String {
        try await NativeThread.run {
            let output = FileHandle(fileDescriptor: program.output, closeOnDealloc: true)
            return String(decoding: try output.readToEnd() ?? Data(), as: UTF8.self)
        }
    }

    @Test func aScopeItsCrashOrItsKillNeverDisturbsOthers() async throws {
        let module = "def echo(x): return x\n"
        try await Workspace.with(try .any, modules: ["sample": module]) { workspace in
            // Four that must not notice anything, and four that are killed and started again.
            let survivors = try (0..<4).map { _ in try start(workspace, seconds: 4) }
            let texts = survivors.map { program in Task { try await text(of: program) } }
            try await withThrowingTaskGroup(of: Void.self) { group in
                for _ in 0..<4 {
                    group.addTask {
                        for _ in 0..<5 {
                            let victim = try start(workspace, seconds: 100)
                            // So many scopes, one byte or more each.
                            let scopes = Int.random(in: 0...20)
                            try await NativeThread.run {
                                var bytes = [UInt8](repeating: 0, count: 1)
                                for _ in 0..<scopes { _ = read(victim.output, &bytes, 1) }
                            }
                            victim.process.send(SIGKILL)
                            _ = try await text(of: victim)
                            #expect(victim.process.waitForEnd() == .signal(SIGKILL))
                        }
                    }
                }
                try await group.waitForAll()
            }
            for (program, text) in zip(survivors, texts) {
                let text = try await text.value
                #expect(program.process.waitForEnd() == .exit(status: 0), "\(text.suffix(500))")
                #expect(text.allSatisfy { $0 == "." } && !text.isEmpty, "\(text.suffix(500))")
            }
            try await workspace.waitUntilNothingRuns()
            let files = try FileManager.default.contentsOfDirectory(atPath: workspace.folder)
            #expect(files.filter { $0.hasSuffix(".sock") || $0.hasSuffix(".process") } == [])
        }
    }
}
