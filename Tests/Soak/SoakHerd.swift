import Foundation
import ProxyTransport
import PythonProxy

/// The client processes.
final class SoakHerd: Sendable {
    private struct Member {
        let name: String
        let process: ChildProcess
        var wasKilled = false
    }

    private let folder: String
    private let python: String
    private let end: ContinuousClock.Instant
    /// The numbers from this one on are those of programs that use scopes.
    private let firstOfScopes: Int
    private let context: ProcessContext
    private let members = ConditionMutex<[Int: Member]>([:])
    private let killedNames = ConditionMutex<[String]>([])
    private let serial = ConditionMutex(0)

    init(
        folder: String, python: String, seconds: Double, clients: Int, context: ProcessContext
    ) {
        firstOfScopes = clients
        self.folder = folder
        self.python = python
        self.context = context
        end = ContinuousClock.now + .seconds(seconds)
    }

    /// Those that were killed on purpose.
    var killed: Set<String> { Set(killedNames.withLock { $0 }) }

    func start(_ index: Int) throws {
        let number = serial.withLock { serial in
            serial += 1
            return serial
        }
        let name = "c\(index).\(number)"
        let seconds = max(0.5, (end - .now) / .seconds(1))
        let process = try ChildProcess.start(
            CommandLine.arguments[0],
            [
                index < firstOfScopes ? "client" : "scopes", "--python", python, "--path",
                folder + "/python", "--name", name,
                "--results", "\(folder)/results-\(name)", "--seconds", String(seconds),
            ],
            variables: context.variables, directory: folder, descriptors: [0, 1, 2])
        members.withLock { $0[index] = Member(name: name, process: process) }
    }

    /// Kills a client other than the first, which shows what grows over time, and starts another.
    func killOne() throws {
        let found = members.withLock { members in
            members.filter { $0.key != 0 && $0.value.process.currentEnding == nil }.randomElement()
        }
        guard let (index, member) = found.map({ ($0.key, $0.value) }) else { return }
        killedNames.withLock { $0.append(member.name) }
        member.process.send(SIGKILL)
        _ = member.process.waitForEnd()
        try start(index)
    }

    func waitForAll() {
        for member in members.withLock({ $0.values }) { _ = member.process.waitForEnd() }
    }
}
