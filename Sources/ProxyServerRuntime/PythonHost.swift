import CPlatform
import ProxyServer
import ProxyTransport
import ProxyWire
import PythonInterpreter

#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#else
    import Darwin
#endif

/// Puts the server and the interpreter together.
final class PythonHost: InterpreterHost {
    private let options: ServerOptions
    private let configuration: ServerConfiguration
    private let log: ServerLog
    private let output: ServerOutput
    private let readiness: Readiness
    private let watcher: DirectoryWatcher?
    private let hasComplained = ConditionMutex(false)
    private let server = ConditionMutex<Server?>(nil)

    init(arguments: [String]) throws {
        options = try ServerOptions.parse(arguments)
        let inherited =
            [
                options.readyDescriptor, options.logDescriptor,
                options.lockDescriptor,
            ] + options.connection
        for number in inherited.compactMap({ $0 }) {
            _ = cplatform_set_close_on_exec(number, true)
            // A child must hold neither the lock of this server's place nor its log, say.
            cplatform_close_in_forked_children(number, true)
        }
        _ = cplatform_raise_descriptor_limit()
        configuration = try options.configuration()
        readiness = Readiness(descriptor: options.readyDescriptor)
        let logFile: Descriptor =
            if let number = options.logDescriptor { Descriptor(owning: number) } else {
                try Descriptor(duplicating: 2)
            }
        log = ServerLog(logFile, isBounded: options.logDescriptor != nil)
        output = try ServerOutput(log: log, captures: options.captureOutput)
        do throws(SystemError) {
            watcher = options.autoreload ? try DirectoryWatcher() : nil
        } catch {
            watcher = nil
            complain(error)
        }
    }

    var service: String? { options.service }
    var path: [String] { options.path }
    var exposedPackages: [String] { options.expose }
    var reloads: Bool { options.autoreload }
    var dataFilePatterns: [String] { options.dataFiles }
    var captureOutput: Bool { options.captureOutput }
    var hasWorkers: Bool { options.maximumConcurrentCalls > 1 }
    var logDescriptor: Int32 { log.number }

    func serve(with interpreter: EmbeddedInterpreter, mainThread: PythonThreadState) {
        do throws(SystemError) {
            let server = try Server(
                configuration: configuration, interpreter: interpreter, log: log,
                output: output, watcher: watcher)
            self.server.withLock { $0 = server }
            let thread = ServingThread(interpreter, mainThread)
            try server.run(mainThread: thread) {
                if let lock = options.lockDescriptor {
                    cplatform_close_in_forked_children(lock, false)
                    close(lock)
                }
                readiness.ready()
            }
        } catch {
            failed("\(error)")
        }
    }

    func write(
        _ bytes: UnsafeRawBufferPointer, to stream: Output.Stream, call: CallKey?
    ) -> ((UnsafeRawBufferPointer) -> Void)? {
        output.take(bytes, to: stream, of: call)
    }

    func flush(_ stream: Output.Stream, call: CallKey?) -> (() -> Void)? {
        output.flush(stream, of: call)
    }

    func log(_ record: LogRecord, call: CallKey) -> Bool {
        server.withLock { $0 }?.relay(record, of: call) == true
    }

    func wantLogs(call: CallKey, level: UInt64) {
        server.withLock { $0 }?.sendLogs(from: level, to: call)
    }

    func watch(_ path: String, countsAllFiles: Bool) {
        do throws(SystemError) {
            try watcher?.watch(path, countsAllFiles: countsAllFiles)
        } catch { complain(error) }
    }

    /// The system limits how much one user watches; the server works without it.
    private func complain(_ error: SystemError) {
        let isFirst = hasComplained.withLock { hasComplained in
            defer { hasComplained = true }
            return !hasComplained
        }
        guard isFirst else { return }
        log.write(line: "changes of some files are not seen: \(error); reload() takes them over")
    }

    func failed(_ message: String) {
        log.write(line: message)
        readiness.failed(message)
    }

    func finished() {
        server.withLock { $0 }?.finish()
    }
}
