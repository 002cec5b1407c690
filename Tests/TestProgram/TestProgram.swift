import ArgumentParser
import Foundation
import PythonProxy

/// A program of a user, for tests of what programs do to each other, and to their own output.
@main
struct TestProgram: AsyncParsableCommand {
    enum Task: String, ExpressibleByArgument, CaseIterable {
        /// Prints before, while and after Python does.
        case print
        /// Prints in Python only, and ends at once.
        case leave
        /// Makes calls in one scope after the other, with a dot for each.
        case scopes
        /// Says that its server runs, and stays.
        case stay
    }

    @Argument var task: Task
    @Option var python: String
    @Option var path: String
    @Option var seconds = 1.0
    /// Whether what Python prints is shown.
    @Flag var silent = false
    /// Whether it has servers of its own.
    @Flag(name: .customLong("private")) var isPrivate = false

    private var configuration: ProxyConfiguration {
        ProxyConfiguration(
            "sample", python: PythonEnvironment(python), showsOutput: !silent, path: path,
            sharing: isPrivate ? .private : .matching)
    }

    func run() async throws {
        switch task {
        case .print:
            try await withProxy(configuration) { sample in
                Swift.print("before")
                try await sample.say("during")
                Swift.print("after")
                _ = try? await sample.fail("at last")
            }
        case .leave:
            let sample = try await Proxy(configuration)
            try await sample.say("kept")
            // No scope ends, and nothing waits.
            Foundation.exit(0)
        case .stay:
            try await withProxy(configuration) { _ in
                FileHandle.standardOutput.write(Data("ready\n".utf8))
                try await _Concurrency.Task.sleep(for: .seconds(seconds))
            }
        case .scopes:
            let end = ContinuousClock.now + .seconds(seconds)
            while ContinuousClock.now < end {
                try await withProxy(configuration) { sample in
                    for number in 0..<Int.random(in: 1...20) {
                        let answer: Int = try await sample.echo(number)
                        guard answer == number else { throw ExitCode(2) }
                    }
                }
                FileHandle.standardOutput.write(Data(".".utf8))
            }
        }
    }
}
