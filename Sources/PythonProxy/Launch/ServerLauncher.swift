import Foundation
import Logging
import ProxyTransport
import ProxyWire

/// Joins the server that a specification means, or starts it. Everything here blocks.
struct ServerLauncher {
    let specification: ServerSpecification
    let logger: Logger

    /// A connection whose handshake has succeeded.
    struct Joined {
        let channel: Channel
        let welcome: Welcome
        /// The server's process if it was started just now.
        let started: StartedServer?
    }

    /// Nobody listens, or the server that did is just ending.
    private struct NobodyThere: Error {}

    func join() throws -> Joined {
        do { return try connect(started: nil) } catch is NobodyThere {}
        // Only one client starts a server; the others then find it.
        let lock = try lock()
        defer { withExtendedLifetime(lock) {} }
        do { return try connect(started: nil) } catch is NobodyThere {}
        // Left behind by a server that could not clean up.
        unlink(specification.address.path)
        let server = try start()
        do {
            return try connect(started: server)
        } catch is NobodyThere {
            throw failure(of: server, "it ended right after its start")
        }
    }

    private func lock() throws -> FileLock {
        do { return try FileLock(path: specification.lockPath) } catch {
            throw ProxyError.serverUnavailable("\(error); name a folder that you can write to")
        }
    }

    // MARK: Connecting

    private func connect(started: StartedServer?) throws -> Joined {
        let descriptor: Descriptor
        do { descriptor = try specification.address.connect() } catch {
            switch error.errno {
            case .noSuchFileOrDirectory, .connectionRefused: throw NobodyThere()
            default: throw ProxyError.serverUnavailable("\(error)")
            }
        }
        let channel = Channel(descriptor, payloadLimit: Limits.handshakeLength)
        let name = ProcessInfo.processInfo.processName
        channel.send(
            Hello(
                client: "\(name) (\(getpid()))", identity: specification.identity,
                limits: Limits()
            ).frame())
        guard channel.waitForBytes(milliseconds: specification.maxConnectionAttempts * 100) else {
            throw ProxyError.serverUnavailable(
                "the server at \(specification.address.path) does not answer; end it with "
                    + "'pyproxy stop' or kill its process")
        }
        guard let answer = try? channel.receive() else { throw NobodyThere() }
        return Joined(channel: channel, welcome: try welcome(in: answer), started: started)
    }

    private func welcome(in answer: InboundFrame) throws -> Welcome {
        do {
            switch answer.kind {
            case .welcome:
                return try answer.read(limits: Limits()) { try Welcome(from: &$0) }
            case .refusal, .goodbye:
                let closing = try answer.read(limits: Limits()) { try Closing(from: &$0) }
                if closing.reason == .shutdown { throw NobodyThere() }
                throw ProxyError.serverUnavailable(
                    "the server at \(specification.address.path) refuses the connection: "
                        + closing.message)
            default:
                throw ProxyError.protocolViolation("a \(answer.kind) frame instead of a welcome")
            }
        } catch let error as WireError {
            throw ProxyError.protocolViolation("\(error)")
        }
    }

    // MARK: Starting

    private func start() throws -> StartedServer {
        let ready = try PipeEnds()
        let owner = try PipeEnds()
        let null = try Descriptor(opening: "/dev/null", flags: O_RDWR)
        // With captured output, whatever is written before or beside the capture goes to the log.
        let log = try Descriptor(
            opening: specification.logPath,
            flags: O_WRONLY | O_CREAT | O_TRUNC | O_APPEND | O_NOFOLLOW)
        let captures = specification.identity.captureOutput
        let isOwned = specification.isOwned
        let process: ChildProcess
        do {
            process = try ChildProcess.start(
                specification.program.path,
                try specification.arguments(
                    readyDescriptor: 3, ownerDescriptor: isOwned ? 4 : nil),
                variables: specification.surroundings.variables.withoutPythonHome,
                directory: specification.identity.workingDirectory,
                descriptors: [
                    null.number, captures ? log.number : 1, captures ? log.number : 2,
                    ready.writing.number, owner.reading.number,
                ])
        } catch let error as SystemError {
            throw ProxyError.serverUnavailable("the server cannot be started: \(error)")
        }
        logger.debug(
            "started a server",
            metadata: [
                "pid": "\(process.identifier)",
                "interpreter": "\(specification.identity.interpreter)",
                "reason": "\(specification.environment.choice.reason)",
            ])
        let server = StartedServer(
            process: process, lifeline: isOwned ? owner.takeWriting() : nil)
        try waitUntilReady(server, ready.takeReading())
        return server
    }

    /// Waits for the server's word, or for its end.
    private func waitUntilReady(
        _ server: StartedServer, _ readiness: consuming Descriptor
    ) throws {
        let milliseconds = specification.maxConnectionAttempts * 100
        let process = server.process
        let deadline = ContinuousClock.now + .milliseconds(milliseconds)
        let message = ShortProcess.read(
            readiness.number, until: "ready\n", process: process, deadline: deadline)
        if message == "ready\n" { return }
        if process.currentEnding == nil, !message.hasPrefix("failed\n"), deadline <= .now {
            process.send(SIGKILL)
            throw failure(
                of: server,
                "it was not ready after \(Double(milliseconds) / 1000) s; raise "
                    + "maxConnectionAttempts if that is too short")
        }
        if message.hasPrefix("failed\n") {
            process.send(SIGKILL)
            _ = process.waitForEnd()
            removeTraces()
            throw ProxyError.serverUnavailable(
                "the server could not start: " + message.dropFirst("failed\n".count))
        }
        throw failure(of: server, "it ended before it was ready")
    }

    private func failure(of server: StartedServer, _ what: String) -> ProxyError {
        let ending = server.process.waitForEnd(milliseconds: 2000)
        let log = ServerTraces.lastLines(of: specification.logPath)
        removeTraces()
        return .serverUnavailable(
            "the server for \(specification.identity.interpreter) could not be started: \(what)"
                + (ending.map { " (\($0))" } ?? "")
                + (log.isEmpty
                    ? "" : "\nlast output of the server:\n\(log)")
                + "\n'pyproxy doctor' examines the environment")
    }

    private func removeTraces() {
        unlink(specification.address.path)
        unlink(specification.logPath)
    }
}
