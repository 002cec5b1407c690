import ArgumentParser
import Foundation
import ProxyTransport
import PythonProxy

/// One client process: tasks that make calls of all kinds and note how each ended.
struct SoakClient: AsyncParsableCommand {
    static let configuration = CommandConfiguration(commandName: "client", shouldDisplay: false)

    @Option var python: String
    @Option var path: String
    @Option var results: String
    @Option var seconds: Double
    @Option var name: String

    private static let tasks = 4

    func run() async throws {
        let journal = try SoakJournal(path: results)
        let end = ContinuousClock.now + .seconds(seconds)
        let proxy = try await connect()
        let reading = Task { for await _ in proxy.server.output {} }
        try await withThrowingTaskGroup(of: Void.self) { group in
            for task in 0..<Self.tasks {
                group.addTask {
                    var number = 0
                    while ContinuousClock.now < end {
                        number += 1
                        let token = "\(name)-\(task)-\(number)"
                        if number % 100 == 0 {
                            await burst(proxy, token, journal)
                        } else {
                            await call(proxy, token, journal)
                        }
                    }
                }
            }
            group.addTask {
                var number = 0
                var kept: [PythonObject] = []
                while ContinuousClock.now < end {
                    number += 1
                    await useObjects(proxy, "\(name)-objects-\(number)", journal, &kept)
                }
            }
            group.addTask { [seconds] in
                // After the first part everything that is kept has been made.
                for part in 1...4 {
                    try await Task.sleep(for: .seconds(seconds / 4.2))
                    journal.write("state \(part) \(ProcessState.current)")
                }
            }
            try await group.waitForAll()
        }
        await proxy.disconnect()
        reading.cancel()
        journal.write("finished")
    }

    /// The first server may be killed while it starts.
    private func connect() async throws -> Proxy {
        var last: (any Error)?
        for _ in 0..<50 {
            do {
                return try await Proxy(
                    "soak_module", python: PythonEnvironment(python), path: path)
            } catch {
                last = error
            }
        }
        throw last ?? CancellationError()
    }

    /// Makes many calls at once, and cancels some of them before they can have run.
    private func burst(_ proxy: Proxy, _ token: String, _ journal: SoakJournal) async {
        await withTaskGroup(of: Void.self) { group in
            for number in 0..<200 {
                group.addTask {
                    let task = Task { await call(proxy, "\(token)-\(number)", journal, kind: 0) }
                    if number % 3 == 0 { task.cancel() }
                    await task.value
                }
            }
        }
    }

    /// Makes a call of a random kind. Its token is noted before it is made, and with how it ended.
    private func call(
        _ proxy: Proxy, _ token: String, _ journal: SoakJournal,
        kind: Int = Int.random(in: 0..<100)
    ) async {
        journal.write("began \(token)")
        do {
            try await perform(proxy, token, kind)
            journal.write("answered \(token)")
        } catch let error as PythonError where error.message == token {
            journal.write("answered \(token)")
        } catch is CancellationError {
            journal.write("cancelled \(token)")
        } catch ProxyError.timedOut {
            journal.write("cancelled \(token)")
        } catch ProxyError.serverCrashed {
            journal.write("crashed \(token)")
        } catch ProxyError.serverUnavailable(let reason) {
            journal.write("refused \(token) \(reason.prefix { $0 != "\n" })")
        } catch {
            journal.write("wrong \(token) \(error)")
        }
    }

    /// Makes objects, uses and keeps some of them, and forgets others; also in calls that are cancelled.
    private func useObjects(
        _ proxy: Proxy, _ token: String, _ journal: SoakJournal, _ kept: inout [PythonObject]
    ) async {
        journal.write("began \(token)")
        do {
            let thing: PythonObject = try await proxy.thing(token)
            let isSame: Bool = try await thing.same(thing)
            guard isSame else { throw SoakError(text: "an object is not itself") }
            try Self.check(try await evaluate(thing + ""), token)
            kept.append(thing)
            let making = Task { try await proxy.things(Int.random(in: 0...100)) }
            if Int.random(in: 0..<3) == 0 { making.cancel() }
            if case .object(let other)? = try? await making.value["things"][-1] {
                kept.append(other)
            }
            // A script with a block, which is cancelled now and then.
            let script = Task {
                try await proxy.script { py in
                    withContext(py.soak_module.Gate()) { _ in
                        let things = py.soak_module.things(20)
                        for _ in 0..<10 { py.time.sleep(0.0005) }
                        return things["things"]
                    }
                } as [PythonObject]
            }
            if Int.random(in: 0..<3) == 0 {
                try await Task.sleep(for: .milliseconds(Int.random(in: 0...5)))
                script.cancel()
            }
            kept += (try? await script.value)?.prefix(3) ?? []
            if kept.count > 1000 { kept.removeFirst(Int.random(in: 1...900)) }
            // Of a server that is not there any more, perhaps.
            if let old = kept.randomElement() { let _: String = try await old.token.get() }
            journal.write("answered \(token)")
        } catch ProxyError.objectLost, ProxyError.serverCrashed {
            kept = []
            journal.write("crashed \(token)")
        } catch ProxyError.serverUnavailable(let reason) {
            journal.write("refused \(token) \(reason.prefix { $0 != "\n" })")
        } catch {
            journal.write("wrong \(token) \(error)")
        }
    }

    private func perform(_ proxy: Proxy, _ token: String, _ kind: Int) async throws {
        switch kind {
        case ..<48:
            try Self.check(try await proxy.echo(token), token)
        case 48: try Self.check(try await proxy.fork(token), token)
        case 49 where Int.random(in: 0..<20) == 0:
            try Self.check(try await proxy.exhaust(token), token)
        case 49: try Self.check(try await proxy.echo(token), token)
        case ..<65:
            let values = NDArray((0..<10_000).map { Double($0) })
            let (answer, doubled): (String, NDArray<Double>) = try await proxy.double(token, values)
            try Self.check(answer, token)
            guard doubled[9_999] == 19_998 else { throw SoakError(text: "a wrong array") }
        case ..<75:
            let heard = ConditionMutex("")
            let answer: String = try await proxy.with(output: { chunk in
                heard.withLock { $0 += chunk.text }
            }).talk(token)
            try Self.check(answer, token)
            let text = heard.withLock { $0 }
            // What is written to the descriptor belongs to a call only if no other one runs.
            let printed = text.split(separator: "\n").filter { $0 != "raw" }
            guard printed == (0..<20).map({ "\(token) \($0)" }) else {
                throw SoakError(text: "the call printed \(text.debugDescription)")
            }
        case ..<85:
            try await proxy.fail(token)
            throw SoakError(text: "no exception")
        case ..<90:
            try await proxy.with(timeout: .milliseconds(Int.random(in: 1...20))).dawdle(token)
        case ..<95:
            let task = Task { try await proxy.spin(token) as PythonValue }
            try await Task.sleep(for: .milliseconds(Int.random(in: 1...10)))
            task.cancel()
            _ = try await task.value
        default:
            try Self.check(try await proxy.nap(token), token)
        }
    }

    private static func check(_ answer: String, _ token: String) throws {
        guard answer == token else {
            throw SoakError(text: "the answer of another call: \(answer)")
        }
    }
}

struct SoakError: Error, CustomStringConvertible {
    let text: String
    var description: String { text }
}
