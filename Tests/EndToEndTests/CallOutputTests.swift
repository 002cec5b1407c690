import Foundation
import ProxyTransport
import Testing

@testable import PythonProxy

/// What one call prints, for who makes it.
@Suite(.timeLimit(.minutes(5)))
struct CallOutputTests: SampleModuleTests {
    static let module = """
        import ctypes, sys, threading
        events = {}
        def say(text, error=False): print(text, file=sys.stderr if error else sys.stdout)
        def count(name, number):
            for i in range(number): print(name, i)
        def fail(text): print(text, end=""); raise ValueError("no")
        def c(text): ctypes.PyDLL(None).puts(text.encode())
        def wait(name):
            print("waiting", flush=True)
            events.setdefault(name, threading.Event()).wait()
        def go(name): events.setdefault(name, threading.Event()).set()
        def half(): sys.stdout.buffer.write("é".encode()[:1]); sys.stdout.buffer.flush()
        def last(name):
            try: wait(name)
            finally: print("last words")
        def much(megabytes):
            for _ in range(megabytes): sys.stdout.write("x" * (1 << 20))
        """

    /// The text that a handler is given.
    private final class Heard: Sendable {
        private let chunks = ConditionMutex<[OutputChunk]>([])

        var handler: @Sendable (OutputChunk) -> Void {
            { chunk in self.chunks.withLock { $0.append(chunk) } }
        }
        var text: String { chunks.withLock { $0.map(\.text).joined() } }
        var bytes: Int { chunks.withLock { $0.reduce(0) { $0 + $1.bytes.count } } }
        var droppedBytes: Int { chunks.withLock { $0.reduce(0) { $0 + $1.droppedBytes } } }
        var streams: Set<OutputChunk.Stream> { chunks.withLock { Set($0.map(\.stream)) } }
    }

    @Test(arguments: TestEnvironment.all)
    func aCallPassesOnWhatItPrintsBeforeItReturns(environment: TestEnvironment) async throws {
        try await withModule(environment) { sample in
            let heard = Heard()
            for number in 0..<200 {
                try await sample.with(output: heard.handler).say("line \(number)")
                #expect(heard.text.hasSuffix("line \(number)\n"))
            }
            try await sample.say("not heard")
            try await sample.with(output: heard.handler).c("from C")
            try await sample.with(output: heard.handler).say("wrong", error: true)
            #expect(heard.text.hasSuffix("line 199\nfrom C\nwrong\n"))
            #expect(heard.streams == [.standardOutput, .standardError])
            let failing = Heard()
            await #expect(throws: PythonError.self) {
                try await sample.with(output: failing.handler).fail("last words")
            }
            #expect(failing.text == "last words")
        }
    }

    @Test func callsAtOnceHearOnlyThemselves() async throws {
        try await withModule(try .any) { sample in
            let all = sample.server.output
            try await withThrowingTaskGroup(of: Void.self) { group in
                for name in 0..<100 {
                    group.addTask {
                        let heard = Heard()
                        try await sample.with(output: heard.handler).count(name, 50)
                        #expect(heard.text == (0..<50).map { "\(name) \($0)\n" }.joined())
                    }
                }
                try await group.waitForAll()
            }
            await sample.disconnect()
            // Who listens to everything hears it, too.
            let lines = await all.reduce(into: "") { $0 += $1.text }.split(separator: "\n")
            #expect(lines.count == 5000)
        }
    }

    @Test func whatACallPassesOnIsNotShown() async throws {
        try await Workspace.with(try .any, modules: ["sample": Self.module]) { workspace in
            let pipe = try PipeEnds()
            let sample = try await workspace.proxy("sample") {
                $0.showsOutput = true
                $0.display = OutputDisplay(output: pipe.writing.number, error: 2)
            }
            try await sample.with(output: { _ in }).say("passed on")
            let begun = AsyncStream.makeStream(of: Void.self)
            let call = Task {
                try await sample.with(output: { _ in begun.continuation.yield() }).last("words")
            }
            for await _ in begun.stream { break }
            call.cancel()
            await #expect(throws: CancellationError.self) { try await call.value }
            try await waitUntil("the call has ended") {
                try await sample.server.status().calls.isEmpty
            }
            try await sample.say("shown")
            await sample.stopServer()
            var buffer = [UInt8](repeating: 0, count: 100)
            let count = read(pipe.reading.number, &buffer, buffer.count)
            #expect(String(decoding: buffer.prefix(count), as: UTF8.self) == "shown\n")
        }
    }

    @Test func aSlowHandlerDelaysOnlyItsOwnCall() async throws {
        try await withModule(try .any) { sample in
            let gate = ConditionMutex(false)
            let begun = AsyncStream.makeStream(of: Void.self)
            let slow = Task {
                try await sample.with(output: { _ in
                    begun.continuation.yield()
                    gate.wait { $0 ? () : nil }
                }).say("slow")
            }
            for await _ in begun.stream { break }
            for _ in 0..<100 { try await sample.say("quick") }
            gate.signal { $0 = true }
            _ = try await slow.value
        }
    }

    @Test func whatAHandlerDoesNotTakeIsBoundedAndCounted() async throws {
        try await withModule(try .any) { sample in
            let heard = Heard()
            let handler = heard.handler
            let gate = ConditionMutex(false)
            let begun = AsyncStream.makeStream(of: Void.self)
            try await withThrowingTaskGroup(of: Void.self) { group in
                group.addTask {
                    try await sample.with(output: { chunk in
                        begun.continuation.yield()
                        gate.wait { $0 ? () : nil }
                        handler(chunk)
                    }).much(64)
                }
                for await _ in begun.stream { break }
                try await waitUntil("the call has ended") {
                    try await sample.server.status().calls.isEmpty
                }
                gate.signal { $0 = true }
                try await group.waitForAll()
            }
            #expect(heard.bytes + heard.droppedBytes == 64 << 20)
            #expect(heard.droppedBytes > 0 && heard.bytes <= 20 << 20)
        }
    }

    @Test func aCharacterThatIsNotFinishedIsTheCallsOwn() async throws {
        try await withModule(try .any) { sample in
            let (first, second) = (Heard(), Heard())
            try await sample.with(output: first.handler).half()
            try await sample.with(output: second.handler).say("whole")
            #expect(first.text == "\u{FFFD}" && first.bytes == 1 && second.text == "whole\n")
        }
    }

    @Test func callsThatAreCancelledOrTooLongHaveBeenHeard() async throws {
        try await withModule(try .any) { sample in
            let heard = Heard()
            let begun = AsyncStream.makeStream(of: Void.self)
            let handler = heard.handler
            let call = Task {
                try await sample.with(output: {
                    handler($0)
                    begun.continuation.yield()
                }).wait("cancelled")
            }
            for await _ in begun.stream { break }
            call.cancel()
            await #expect(throws: CancellationError.self) { try await call.value }
            #expect(heard.text == "waiting\n")
            let late = Heard()
            await #expect(throws: ProxyError.self) {
                try await sample.with(output: late.handler).with(timeout: .seconds(1)).wait("late")
            }
            #expect(late.text == "waiting\n")
            try await sample.go("cancelled")
            try await sample.go("late")
        }
    }

    @Test(arguments: TestEnvironment.all)
    func aScriptHasOneTimeLimitAndOneOutput(environment: TestEnvironment) async throws {
        try await withModule(environment) { sample in
            let heard = Heard()
            let two: Int = try await sample.script(output: heard.handler) { py in
                py.sample.say("one")
                py.builtins.print("two")
                return py[1] + 1
            }
            #expect(two == 2 && heard.text == "one\ntwo\n")
            await #expect(throws: ProxyError.self) {
                try await sample.script(timeout: .milliseconds(100)) { py in
                    py.sample.wait("script")
                }
            }
            let script = try PythonScript(parameters: 1) { py, values in
                py.sample.say(values[0])
                return py.sample.wait(values[0])
            }
            await #expect(throws: ProxyError.self) {
                let _: PythonValue = try await script(
                    on: sample, timeout: .milliseconds(500), output: heard.handler, "kept")
            }
            #expect(heard.text == "one\ntwo\nkept\nwaiting\n")
            for name in ["script", "kept"] { try await sample.go(name) }
        }
    }
}
