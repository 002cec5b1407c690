import Foundation
import Logging
import ProxyTransport
import ProxyWire

/// Starts a server, and finds out why it does not start. Everything here blocks; the caller holds the lock
/// of the place.
struct ServerStart {
    let specification: ServerSpecification
    let place: ServerPlace
    /// What the server inherits beside the usual.
    let inheritance: Inheritance
    let logger: Logger
    let cancellation: CancellationFlag

    enum Inheritance {
        /// The descriptor of the lock, which the server holds as well until it listens: should this process be
        /// killed, nobody else starts one meanwhile.
        case lock(Int32)
        /// Its connections: for calls and for control.
        case connections([Int32])

        var descriptors: [Int32] {
            switch self {
            case .lock(let descriptor): [descriptor]
            case .connections(let descriptors): descriptors
            }
        }
    }

    /// - Throws: `ProxyError.serverUnavailable` with what is known about the reason.
    func run() throws -> ChildProcess {
        let ready = try PipeEnds()
        let server: ChildProcess
        do {
            try place.prepare()
            // Whatever is written before or beside the capture of output goes to the log, too.
            let log = try Descriptor(
                opening: place.logPath,
                flags: O_WRONLY | O_CREAT | O_EXCL | O_APPEND | O_NOFOLLOW)
            let null = try Descriptor(opening: "/dev/null", flags: O_RDWR)
            let captures = specification.identity.captureOutput
            server = try ChildProcess.start(
                specification.program.path,
                try specification.arguments(
                    for: place, readyDescriptor: 3, logDescriptor: 4, inheritance),
                variables: specification.variables,
                directory: specification.identity.workingDirectory,
                descriptors: [
                    null.number, captures ? log.number : 1, captures ? log.number : 2,
                    ready.writing.number, log.number,
                ] + inheritance.descriptors)
            try ServerRecord(of: server.identifier)?.write(to: place.recordPath)
        } catch {
            if place.isDead { place.removeFiles() }
            throw error as? ProxyError
                ?? .serverUnavailable("the server cannot be started: \(error)")
        }
        logger.debug(
            "started a server",
            metadata: [
                "pid": "\(server.identifier)",
                "interpreter": "\(specification.identity.interpreter)",
                "reason": "\(specification.environment.choice.reason)",
            ])
        do {
            let readiness = ready.takeReading()
            let number = readiness.number
            try cancellation.run(
                onCancel: { server.send(SIGKILL) },
                { try waitUntilReady(server, number) })
            withExtendedLifetime(readiness) {}
        } catch let error as CancellationError {
            abandon(server)
            throw error
        }
        return server
    }

    /// Kills a server that has not served yet, and removes its files.
    func abandon(_ server: ChildProcess) {
        server.send(SIGKILL)
        _ = server.waitForEnd()
        if place.isDead { place.removeFiles() }
    }

    /// Waits for the server's word, or for its end.
    private func waitUntilReady(
        _ server: ChildProcess, _ readiness: Int32
    ) throws {
        let milliseconds = specification.maxConnectionAttempts * 100
        let deadline = ContinuousClock.now + .milliseconds(milliseconds)
        let message = ShortProcess.read(
            readiness, until: "ready\n", process: server, deadline: deadline)
        if message == "ready\n" { return }
        if server.currentEnding == nil, !message.hasPrefix("failed\n"), deadline <= .now {
            server.send(SIGKILL)
            throw failure(
                of: server,
                "it was not ready after \(Double(milliseconds) / 1000) s; raise "
                    + "maxConnectionAttempts if that is too short")
        }
        if message.hasPrefix("failed\n") {
            abandon(server)
            throw ProxyError.serverUnavailable(
                "the server could not start: " + message.dropFirst("failed\n".count))
        }
        throw failure(of: server, "it ended before it was ready")
    }

    /// What is known about a start that has failed.
    func failure(of server: ChildProcess, _ what: String) -> ProxyError {
        let ending = server.waitForEnd(milliseconds: 2000)
        let log = LogTail.text(of: place.logPath)
        if place.isDead { place.removeFiles() }
        return .serverUnavailable(
            "the server for \(specification.identity.interpreter) could not be started: \(what)"
                + (ending.map { " (\($0))" } ?? "")
                + (log.isEmpty ? "" : "\nlast output of the server:\n\(log)")
                + "\n" + finding())
    }

    /// Whether the interpreter itself works.
    private func finding() -> String {
        let interpreter = specification.identity.interpreter
        let rest = "'pyproxy doctor' examines the environment further"
        guard
            let result = try? ShortProcess.run(
                interpreter, ["-c", "pass"],
                variables: specification.variables,
                directory: specification.identity.workingDirectory, milliseconds: 10_000)
        else { return "\(interpreter) cannot be run at all; \(rest)" }
        if result.ending == .exit(status: 0) {
            return "the interpreter itself starts without an error; \(rest)"
        }
        return "the interpreter itself does not start either (\(result.ending)): "
            + result.error.lastLines(5)
            + "\nmake the virtual environment anew; \(rest)"
    }
}
