import CPlatform
import Foundation
import ProxyTransport
import SystemPackage

/// How a process ended.
package enum ProcessEnding: Sendable, Equatable, CustomStringConvertible {
    case exit(status: Int32)
    case signal(Int32)
    /// Someone else in this program has waited for the process.
    case unknown

    package var description: String {
        switch self {
        case .exit(let status): "exit status \(status)"
        case .signal(let number): "signal \(number)"
        case .unknown: "an unknown status"
        }
    }
}

/// A process that this one has started, in a session of its own.
package final class ChildProcess: Sendable {
    package let identifier: pid_t
    private let ending = ConditionMutex<ProcessEnding?>(nil)

    private init(identifier: pid_t) {
        self.identifier = identifier
    }

    /// Starts a program.
    ///
    /// - Parameter descriptors: what it gets as descriptors 0, 1, 2, …; it gets no others.
    package static func start(
        _ path: String, _ arguments: [String], variables: [String: String], directory: String,
        descriptors: [Int32]
    ) throws -> ChildProcess {
        let argv = CStrings([path] + arguments)
        let environment = CStrings(variables.map { "\($0)=\($1)" })
        // Above the numbers that they get, so that none overwrites another before its turn.
        var sources: [Int32] = []
        defer { for source in sources { close(source) } }
        for descriptor in descriptors {
            sources.append(
                try Descriptor(duplicating: descriptor, minimum: Int32(descriptors.count + 3))
                    .release())
        }
        var identifier: pid_t = 0
        let error = cplatform_spawn(
            &identifier, path, argv.pointers, environment.pointers, directory, sources,
            Int32(sources.count))
        guard error == 0 else {
            throw SystemError("running \(path)", errno: Errno(rawValue: error))
        }
        let process = ChildProcess(identifier: identifier)
        // Without this the process would stay behind as a zombie.
        try NativeThread.start { process.reap() }
        return process
    }

    /// Signals the process with everything that it has started in its session.
    package func send(_ signal: Int32) {
        ending.withLock { ending in
            // Once it has been waited for, its number may be another process's.
            if ending == nil { _ = kill(-identifier, signal) }
        }
    }

    /// How the process ended, if it has.
    package var currentEnding: ProcessEnding? { ending.withLock { $0 } }

    /// Blocks until the process has ended.
    package func waitForEnd() -> ProcessEnding { ending.wait { $0 } }

    /// Blocks until the process has ended, for `milliseconds` at most.
    package func waitForEnd(milliseconds: Int) -> ProcessEnding? {
        ending.wait(milliseconds: milliseconds) { $0 }
    }

    private func reap() {
        // Leaves the process waitable, so that its number stays taken until `ending` is set.
        var information = siginfo_t()
        let isWaitable = retryingInterruptions {
            waitid(P_PID, id_t(identifier), &information, WEXITED | WNOWAIT)
        }
        ending.signal { ending in
            var status: Int32 = 0
            guard isWaitable != nil,
                retryingInterruptions({ waitpid(identifier, &status, 0) }) != nil
            else {
                ending = .unknown
                return
            }
            // The macros WIFSIGNALED and so on, which Swift does not import.
            ending =
                status & 0x7F == 0
                ? .exit(status: status >> 8 & 0xFF) : .signal(status & 0x7F)
        }
    }
}

/// An array of C strings, ended by a null pointer, as exec wants it.
private final class CStrings {
    let pointers: UnsafeMutablePointer<UnsafeMutablePointer<CChar>?>
    private let count: Int

    init(_ strings: [String]) {
        count = strings.count
        pointers = .allocate(capacity: count + 1)
        for (index, string) in strings.enumerated() { pointers[index] = strdup(string) }
        pointers[count] = nil
    }

    deinit {
        for index in 0..<count { free(pointers[index]) }
        pointers.deallocate()
    }
}
