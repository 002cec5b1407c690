#if os(Linux)
    import Foundation
    import ProxyTransport
    import Testing

    @testable import PythonProxy

    /// Proxies whose task is cancelled while they are being made.
    @Suite(.timeLimit(.minutes(10)))
    struct CancelledStartTests {
        /// What a start is waiting for when it is cancelled.
        enum Stage: String, CaseIterable {
            /// An interpreter that does not answer.
            case probe
            /// Another client that is starting the server.
            case lock
            /// A service module that takes its time.
            case start
            /// A server that does not answer.
            case handshake
            /// A package that takes its time.
            case importing
        }

        /// A module that says that it is being imported, and waits for a file.
        private static let modules = [
            "slow_import": """
            import os, time
            mark = os.environ["PYPROXY_TEST_REACHED"]
            open(mark, "w").close()
            while not os.path.exists(mark + ".go"): time.sleep(0.01)
            """
        ]

        @Test(arguments: Stage.allCases, [false, true])
        func aStartThatIsCancelledEndsAndLeavesNothing(stage: Stage, isScoped: Bool) async throws {
            try await Workspace.with(try .any, modules: Self.modules) { original in
                var workspace = original
                let reached = workspace.folder + "/python/reached"
                workspace.context.variables["PYPROXY_TEST_REACHED"] = reached
                var configuration = workspace.configuration
                let hindrance = try prepare(stage, &configuration, workspace)
                let (final, context) = (configuration, workspace.context)
                let start = Task {
                    if isScoped {
                        try await withProxy(final, context: context) { _ in }
                    } else {
                        _ = try await Proxy(final, context: context)
                    }
                }
                try await waitUntil("the start waits for its \(stage)") {
                    try hasReached(stage, reached, workspace, hindrance)
                }
                start.cancel()
                await #expect(throws: CancellationError.self) { try await start.value }
                withExtendedLifetime(hindrance) {}
                #expect(workspace.processes == [])
                try await waitUntil("no file is left") {
                    try files(workspace).subtracting(hindrance.files) == []
                }
            }
        }

        /// What makes a start wait.
        private struct Hindrance {
            var lock: LockHolder?
            var server: SilentServer?
            /// Its own.
            var files: Set<String> = []
        }

        private final class LockHolder {
            let lock: FileLock
            init(path: String) throws { lock = try FileLock(path: path) }
        }

        /// Accepts a client, and says nothing.
        private final class SilentServer: Sendable {
            private let listener: Listener
            private let accepted = ConditionMutex<Int32?>(nil)

            init(path: String) throws {
                listener = try Listener(at: .unix(try UnixAddress(path: path)))
            }

            deinit { if let number = accepted.withLock({ $0 }) { close(number) } }

            func hasClient() throws -> Bool {
                if accepted.withLock({ $0 }) != nil { return true }
                guard let client = try listener.accept() else { return false }
                let number = client.release()
                accepted.withLock { $0 = number }
                return true
            }
        }

        private func prepare(
            _ stage: Stage, _ configuration: inout ProxyConfiguration, _ workspace: Workspace
        ) throws -> Hindrance {
            var hindrance = Hindrance()
            switch stage {
            case .probe:
                let script = workspace.folder + "/python/slow"
                try "#!/bin/sh\ntouch \(workspace.folder)/python/reached\nexec sleep 3600\n"
                    .write(toFile: script, atomically: true, encoding: .utf8)
                try FileManager.default.setAttributes(
                    [.posixPermissions: 0o700], ofItemAtPath: script)
                configuration.python = PythonEnvironment(script)
            case .lock:
                let place = try ServerSpecification(configuration, workspace.context).place
                hindrance.lock = try LockHolder(path: place.lockPath)
                hindrance.files = [name(place.lockPath)]
            case .start:
                configuration.service = "slow_import"
            case .handshake:
                configuration.url = "unix:\(workspace.folder)/python/silent.sock"
                configuration.maxConnectionAttempts = 6000
                hindrance.server = try SilentServer(
                    path: workspace.folder + "/python/silent.sock")
            case .importing:
                configuration.package = "slow_import"
            }
            return hindrance
        }

        private func hasReached(
            _ stage: Stage, _ mark: String, _ workspace: Workspace, _ hindrance: Hindrance
        ) throws -> Bool {
            switch stage {
            case .probe, .start, .importing: return FileManager.default.fileExists(atPath: mark)
            case .lock:
                // Who waits for a lock stands behind it, with an arrow.
                let lock = try files(workspace).first { $0.hasSuffix(".lock") } ?? ""
                var status = stat()
                guard stat(workspace.folder + "/" + lock, &status) == 0 else { return false }
                let locks = FileHandle(forReadingAtPath: "/proc/locks")
                return String(decoding: try locks?.readToEnd() ?? Data(), as: UTF8.self)
                    .split(separator: "\n")
                    .contains { $0.contains("->") && $0.contains(":\(status.st_ino) ") }
            case .handshake:
                return try hindrance.server?.hasClient() == true
            }
        }

        private func files(_ workspace: Workspace) throws -> Set<String> {
            Set(try FileManager.default.contentsOfDirectory(atPath: workspace.folder))
                .subtracting(["python", "secret"])
        }

        private func name(_ path: String) -> String { (path as NSString).lastPathComponent }

        @Test func aServerThatOthersHaveJoinedOutlivesTheStartThatIsCancelled() async throws {
            try await Workspace.with(try .any, modules: Self.modules) { original in
                var workspace = original
                let reached = workspace.folder + "/python/reached"
                workspace.context.variables["PYPROXY_TEST_REACHED"] = reached
                let final = workspace
                let start = Task { try await final.proxy("slow_import") }
                try await waitUntil("the package is being imported") {
                    FileManager.default.fileExists(atPath: reached)
                }
                let other = try await workspace.proxy("math")
                let process = other.server.processIdentifier
                start.cancel()
                await #expect(throws: CancellationError.self) { _ = try await start.value }
                _ = FileManager.default.createFile(atPath: reached + ".go", contents: nil)
                let root: Double = try await other.sqrt(4)
                #expect(root == 2 && other.server.processIdentifier == process)
                await other.stopServer()
            }
        }
    }
#endif
