import CPlatform
import Foundation
import ProxyTransport

/// Runs a program that ends soon, and collects what it prints.
package enum ShortProcess {
    package struct Result: Sendable {
        package let output: String
        package let error: String
        package let ending: ProcessEnding
    }

    /// Runs the program; blocks.
    ///
    /// - Parameter milliseconds: the program is killed when they are over.
    package static func run(
        _ path: String, _ arguments: [String], variables: [String: String], directory: String,
        milliseconds: Int
    ) throws -> Result {
        let output = try PipeEnds()
        let error = try PipeEnds()
        let null = try Descriptor(opening: "/dev/null", flags: O_RDWR)
        let process = try ChildProcess.start(
            path, arguments, variables: variables, directory: directory,
            descriptors: [null.number, output.writing.number, error.writing.number])
        let outputEnd = output.takeReading()
        let errorEnd = error.takeReading()
        let watchdog = ConditionMutex(false)
        try NativeThread.start {
            if watchdog.wait(milliseconds: milliseconds, for: { $0 ? () : nil }) == nil {
                process.send(SIGKILL)
            }
        }
        // What is printed is a few lines: the pipes hold them, one after the other.
        let outputText = readAll(outputEnd)
        let errorText = readAll(errorEnd)
        let ending = process.waitForEnd()
        watchdog.signal { $0 = true }
        return Result(output: outputText, error: errorText, ending: ending)
    }

    /// The text up to the end of the stream, of at most a megabyte.
    package static func readAll(_ descriptor: borrowing Descriptor) -> String {
        var bytes: [UInt8] = []
        var buffer = [UInt8](repeating: 0, count: 4096)
        let number = descriptor.number
        while bytes.count < 1 << 20,
            let count = retryingInterruptions({ read(number, &buffer, buffer.count) }), count > 0
        {
            bytes += buffer[..<count]
        }
        return String(decoding: bytes, as: UTF8.self)
    }
}
