import ArgumentParser
import Foundation
import PythonProxy

/// A program that uses Python in one scope after the other, beside others that mean the same server and may be
/// killed at any moment. None of its calls may fail: nobody kills the server.
struct SoakScopes: AsyncParsableCommand {
    static let configuration = CommandConfiguration(commandName: "scopes", shouldDisplay: false)
    /// Tells its server from that of the other clients, which is killed.
    static let port = 1754

    @Option var python: String
    @Option var path: String
    @Option var results: String
    @Option var seconds: Double
    @Option var name: String

    func run() async throws {
        let journal = try SoakJournal(path: results)
        let end = ContinuousClock.now + .seconds(seconds)
        var number = 0
        while ContinuousClock.now < end {
            number += 1
            do {
                try await withProxy(
                    "soak_module", python: PythonEnvironment(python), port: Self.port,
                    showsOutput: false, path: path
                ) { proxy in
                    for call in 1...Int.random(in: 1...10) {
                        let token = "\(name)-\(number)-\(call)"
                        journal.write("began \(token)")
                        let answer = try await Self.call(proxy, token, kind: call % 4)
                        journal.write(answer == token ? "answered \(token)" : "wrong \(token)")
                    }
                }
            } catch {
                journal.write("wrong \(name)-\(number) \(error)")
            }
            // Now and then all of them are outside, and the server ends.
            if number % 5 == 0 { try await Task.sleep(for: .milliseconds(Int.random(in: 0...300))) }
        }
        journal.write("finished")
    }

    private static func call(_ proxy: Proxy, _ token: String, kind: Int) async throws -> String {
        switch kind {
        case 0: return try await proxy.nap(token)
        case 1:
            let lock: PythonObject = try await proxy.shared_lock.get()
            return try await withContext(lock) { _ in
                let answer: String = try await proxy.echo(token)
                let isLocked: Bool = try await lock.locked()
                guard isLocked else { throw SoakError(text: "the lock is not held") }
                return answer
            }
        default: return try await proxy.echo(token)
        }
    }
}
