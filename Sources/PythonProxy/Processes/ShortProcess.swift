import CPlatform
import Foundation
import ProxyTransport

/// Runs a program that ends soon, and collects what it prints.
package enum ShortProcess {
    package struct Result: Sendable {
        package let output: String
        package let error: String
        package let ending: ProcessEnding
        /// It took too long, and was killed.
        package let isOverdue: Bool
    }

    /// Runs the program; blocks.
    ///
    /// - Parameters:
    ///   - milliseconds: the program is killed when they are over.
    ///   - cancellation: kills the program as well.
    package static func run(
        _ path: String, _ arguments: [String], variables: [String: String], directory: String,
        milliseconds: Int, cancellation: CancellationFlag = CancellationFlag()
    ) throws -> Result {
        let output = try PipeEnds()
        let error = try PipeEnds()
        let null = try Descriptor(opening: "/dev/null", flags: O_RDWR)
        let process = try ChildProcess.start(
            path, arguments, variables: variables, directory: directory,
            descriptors: [null.number, output.writing.number, error.writing.number])
        let outputEnd = output.takeReading()
        let errorEnd = error.takeReading()
        let numbers = (output: outputEnd.number, error: errorEnd.number)
        let result = try cancellation.run(
            onCancel: { process.send(SIGKILL) },
            { try collect(process, numbers.output, numbers.error, milliseconds: milliseconds) })
        withExtendedLifetime((outputEnd.number, errorEnd.number)) {}
        return result
    }

    private static func collect(
        _ process: ChildProcess, _ output: Int32, _ error: Int32, milliseconds: Int
    ) throws -> Result {
        // By the clock, not to the end of the streams: a process that this one has started in turn may
        // hold them open.
        let deadline = ContinuousClock.now + .milliseconds(milliseconds)
        let texts = ConditionMutex<(output: String, error: String?)>(("", nil))
        try NativeThread.start {
            let text = read(error, process: process, deadline: deadline)
            texts.signal { $0.error = text }
        }
        let outputText = read(output, process: process, deadline: deadline)
        let errorText = texts.wait { $0.error }
        let isOverdue = process.currentEnding == nil && deadline <= .now
        if isOverdue { process.send(SIGKILL) }
        let ending = process.waitForEnd()
        return Result(output: outputText, error: errorText, ending: ending, isOverdue: isOverdue)
    }

    /// The text of at most a megabyte that comes before the deadline, the end of the stream, or `end`; or
    /// that is there when the process has ended.
    static func read(
        _ number: Int32, until end: String? = nil, process: ChildProcess,
        deadline: ContinuousClock.Instant
    ) -> String {
        var bytes: [UInt8] = []
        var buffer = [UInt8](repeating: 0, count: 4096)
        while bytes.count < 1 << 20, ContinuousClock.now < deadline {
            if let end, bytes.elementsEqual(end.utf8) { break }
            let hasEnded = process.currentEnding != nil
            var polled = pollfd(fd: number, events: Int16(POLLIN), revents: 0)
            // Short enough to notice that the process has ended although its streams have not.
            let ready = retryingInterruptions { poll(&polled, 1, hasEnded ? 0 : 50) }
            if ready == 0 {
                if hasEnded { break }
                continue
            }
            guard
                let count = retryingInterruptions({
                    Foundation.read(number, &buffer, buffer.count)
                }), count > 0
            else { break }
            bytes += buffer[..<count]
        }
        return String(decoding: bytes, as: UTF8.self)
    }
}
