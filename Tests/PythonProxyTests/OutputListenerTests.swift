import ProxyTransport
import ProxyWire
import Testing

@testable import PythonProxy

/// How what a call prints is passed on.
@Suite(.timeLimit(.minutes(1)))
struct OutputListenerTests {
    private func output(_ text: String) -> Output {
        Output(stream: .standardOutput, bytes: Array(text.utf8), dropped: 0)
    }

    @Test func everythingIsPassedOnInOrderBeforeTheEnd() async {
        let heard = ConditionMutex<[String]>([])
        let listener = OutputListener { chunk in heard.withLock { $0.append(chunk.text) } }
        for number in 0..<1000 { _ = listener.printed(output("\(number)"), callID: 1) }
        await listener.finish()
        #expect(heard.withLock { $0 } == (0..<1000).map { "\($0)" })
        // What comes later is nobody's.
        _ = listener.printed(output("late"), callID: 1)
        await listener.finish()
        #expect(heard.withLock { $0.count } == 1000)
    }

    /// A handler that takes its time kept a call that had been cancelled.
    @Test func whatWaitsWhenACallIsGivenUpIsNotPassedOn() {
        let queue = EventQueue<OutputChunk>(capacity: 100)
        for text in ["a", "b"] {
            queue.append(
                OutputChunk(
                    stream: .standardOutput, text: text, bytes: [], callID: 1, droppedBytes: 0))
        }
        #expect(queue.waitForNext()?.text == "a")
        queue.discard()
        #expect(queue.waitForNext() == nil)
    }

    /// Handlers on Swift's pool, as many as it has threads, stopped the whole program.
    @Test func handlersThatBlockHoldUpNoTask() async {
        let gate = ConditionMutex(false)
        let begun = AsyncStream.makeStream(of: Void.self)
        let listeners = (0..<100).map { _ in
            OutputListener { _ in
                begun.continuation.yield()
                gate.wait { $0 ? () : nil }
            }
        }
        for listener in listeners { _ = listener.printed(output("x"), callID: 1) }
        var count = 0
        for await _ in begun.stream {
            count += 1
            if count == listeners.count { break }
        }
        await Task.yield()
        gate.signal { $0 = true }
        for listener in listeners { await listener.finish() }
    }
}
