import Foundation
import ProxyTransport
import Testing

@testable import PythonProxy

/// Servers that have much to do, little to do it with, or are ended meanwhile.
@Suite(.timeLimit(.minutes(10)))
struct ServerLoadTests {
    static let module = """
        import gc, os, resource, threading, weakref
        held = []
        def open_all():
            limit = len(os.listdir("/proc/self/fd")) + 20
            resource.setrlimit(resource.RLIMIT_NOFILE,
                (limit, resource.getrlimit(resource.RLIMIT_NOFILE)[1]))
            try:
                while True: held.append(os.open("/dev/null", os.O_RDONLY))
            except OSError: return len(held)
        def close_all():
            while held: os.close(held.pop())
        def descriptor_limit(): return list(resource.getrlimit(resource.RLIMIT_NOFILE))
        def one(): return 1
        def note(path, token):
            with open(path, "a") as file: file.write(token + "\\n")
            return token
        class Model:
            def __init__(self): self.me, self.data = self, bytearray(1000)
        model, dropped = Model(), []
        def replace_model():
            global model
            dropped.append(weakref.ref(model))
            model = Model()
        def alive():
            gc.collect()
            return sum(1 for reference in dropped if reference() is not None)
        def is_main(): return threading.current_thread() is threading.main_thread()
        def leave_workers():
            global executor
            from concurrent.futures import ProcessPoolExecutor
            executor = ProcessPoolExecutor(2)
            return [executor.submit(os.getpid).result() for _ in range(4)]
        def collecting(value): return gc.isenabled()
        def resident():
            with open("/proc/self/statm") as file: return int(file.read().split()[1]) * 4096
        def add_function(name): globals()[name] = lambda: 1
        def remove_function(name): del globals()[name]
        def identity(**names): return len(names)
        """

    private func with(
        _ environment: TestEnvironment, _ body: (Workspace) async throws -> Void
    ) async throws {
        try await Workspace.with(environment, modules: ["sample": Self.module], body)
    }

    @Test func newClientsAreAcceptedAgainWhenThereAreDescriptors() async throws {
        try await with(try .any) { workspace in
            try await workspace.withProxy("sample") { sample in
                let count: Int = try await sample.open_all()
                #expect(count > 5)
                // It waits while this machine is busy with the calls below.
                let newcomer = Task {
                    try await workspace.proxy("sample") {
                        $0.maxConnectionAttempts = 600
                        $0.isScoped = true
                    }
                }
                // Those that are connected are served meanwhile.
                for _ in 0..<10 { #expect(try await sample.one() as Int == 1) }
                try await sample.close_all()
                let other = try await newcomer.value
                #expect(other.server.processIdentifier == sample.server.processIdentifier)
                await other.disconnect()
            }
        }
    }

    @Test func aServerMayHaveAsManyDescriptorsAsTheSystemAllows() async throws {
        try await with(try .any) { workspace in
            try await workspace.withProxy("sample") { sample in
                let limits: [Int] = try await sample.descriptor_limit()
                #expect(limits[0] >= min(limits[1], 65_536) || limits[1] < 0)
            }
        }
    }

    @Test func aServerThatIsTerminatedLosesNoCallAndRunsNoneTwice() async throws {
        try await with(try .any) { workspace in
            let proxy = try await workspace.proxy("sample")
            let journal = workspace.folder + "/journal"
            let calls = (0..<4).map { task in
                Task {
                    for number in 0..<150 {
                        let token = "\(task).\(number)"
                        let answer: String = try await proxy.note(journal, token)
                        #expect(answer == token)
                    }
                }
            }
            for count in [50, 200, 400] {
                try await waitUntil("\(count) calls are made") {
                    let lines = try? String(contentsOfFile: journal, encoding: .utf8)
                    return (lines?.count { $0 == "\n" } ?? 0) >= count
                }
                if let process = proxy.server.processIdentifier { kill(process, SIGTERM) }
            }
            for call in calls { try await call.value }
            let tokens = try String(contentsOfFile: journal, encoding: .utf8).split(separator: "\n")
            #expect(tokens.count == 600)
            #expect(Set(tokens).count == 600)
            await proxy.stopServer()
        }
    }

    /// The server's memory while much more than that is sent to it at once, and sent back.
    @Test(.needsPackages, .disabled(if: TestEnvironment.hasShadowMemory))
    func aGigabyteThatIsPipelinedTakesLittleMemory() async throws {
        try await with(try .any) { workspace in
            try await workspace.withProxy { proxy in
                let array = NDArray((0..<131_072).map { Double($0) })
                let _: NDArray<Double> = try await proxy.numpy.negative(array)
                let process = try #require(proxy.server.processIdentifier)
                let before = try residentKilobytes(process)
                try await withThrowingTaskGroup(of: Void.self) { group in
                    for _ in 0..<1000 {
                        group.addTask {
                            let result: NDArray<Double> = try await proxy.numpy.negative(array)
                            #expect(result[1] == -1)
                        }
                    }
                    try await group.waitForAll()
                }
                // 64 MB of calls that are not answered, 256 MB of segments that are kept for results, and, if the
                // client is slow to give those back, 64 MB of results that it has not read, in buffers that have
                // grown to up to twice that.
                let limit = (64 + 256 + 2 * 64) << 10
                let peak = try residentKilobytes(process, "VmHWM")
                #expect(peak - before < limit * 11 / 10, "grew by \(peak - before) kB")
            }
        }
    }

    private func residentKilobytes(_ process: Int32, _ field: String = "VmRSS") throws -> Int {
        let status = try String(contentsOfFile: "/proc/\(process)/status", encoding: .utf8)
        let line = status.split(separator: "\n").first { $0.hasPrefix(field) }
        return try #require(Int(line?.split(separator: " ").dropFirst().first ?? ""))
    }

    @Test(.needsPackages) func theMemoryOfABurstGoesBackToTheSystem() async throws {
        try await with(try .any) { workspace in
            try await workspace.withProxy { proxy in
                let array = NDArray((0..<131_072).map { Double($0) })
                // As long as they are kept, the server lends the memory that they are in.
                var kept: [NDArray<Double>] = []
                for _ in 0..<5 { kept.append(try await proxy.numpy.negative(array)) }
                let process = try #require(proxy.server.processIdentifier)
                func segments() throws -> Int {
                    // Files in /proc have no length: they must be read to the end.
                    let file = FileHandle(forReadingAtPath: "/proc/\(process)/maps")
                    let maps = String(decoding: try file?.readToEnd() ?? Data(), as: UTF8.self)
                    return maps.split(separator: "\n").count { $0.contains("memfd:pyproxy") }
                }
                let count = try segments()
                #expect(count >= kept.count, "only \(count) segments")
                kept = []
                try await waitUntil("the segments are gone") { try segments() == 0 }
            }
        }
    }

    @Test(arguments: TestEnvironment.all)
    func objectsThatAreDroppedAreFreedWhateverWasImportedMeanwhile(
        environment: TestEnvironment
    ) async throws {
        try await with(environment) { workspace in
            try await workspace.withProxy("sample") { sample in
                for module in ["colorsys", "numpy.linalg", "wave", "sndhdr"] {
                    try await sample.replace_model()
                    _ = try? await Proxy.imported(module, by: sample)
                    try await sample.replace_model()
                }
                #expect(try await sample.alive() as Int == 0)
            }
        }
    }

    @Test func withAMaximumOfOneEveryCallRunsOnTheMainThread() async throws {
        try await with(try .any) { workspace in
            try await workspace.withProxy("sample", { $0.maximumConcurrentCalls = 1 }) { sample in
                let other = try await workspace.proxy("sample") {
                    $0.maximumConcurrentCalls = 1
                    $0.isScoped = true
                }
                let calls = (0..<100).map { number in
                    Task { try await (number % 2 == 0 ? sample : other).is_main() as Bool }
                }
                for call in calls { #expect(try await call.value) }
                await other.disconnect()
            }
            await #expect(throws: ProxyError.self) {
                try await workspace.withProxy("sample", { $0.maximumConcurrentCalls = 0 }) { _ in }
            }
        }
    }

    @Test func workerProcessesThatACallHasLeftEndWithTheServer() async throws {
        try await with(try .any) { workspace in
            let proxy = try await workspace.proxy("sample")
            let log = try proxy.place.logPath
            let workers: [Int32] = try await proxy.leave_workers()
            let file = try Descriptor(opening: log, flags: O_RDONLY)
            await proxy.stopServer()
            #expect(!LogTail.text(of: file).contains("without waiting"))
            try await waitUntil("the workers have ended") { !workers.contains { isAlive($0) } }
        }
    }

    @Test func theCollectorIsOnWhilePythonCodeRuns() async throws {
        try await with(try .any) { workspace in
            try await workspace.withProxy("sample") { sample in
                #expect(try await sample.collecting(Date()) as Bool)
                let names = (0..<3000).map {
                    (name: "name\($0)", value: 1 as any Encodable & Sendable)
                }
                for _ in 0..<2 {
                    let count = try await sample.identity.call(arguments: [], keywords: names)
                    #expect(count == 3000)
                }
            }
        }
    }

    @Test func namesOfAMegabyteAreNotRemembered() async throws {
        try await with(try .any) { workspace in
            try await workspace.withProxy { python in
                let sample = python["sample"]
                let names = (0..<100).map { number in
                    "f\(number)" + String(repeating: "x", count: 1 << 20)
                }
                _ = try await sample.one() as Int
                let before = try await sample.resident() as Int
                for name in names {
                    try await sample.add_function(name)
                    #expect(try await sample[attribute: name]() as Int == 1)
                    try await sample.remove_function(name)
                }
                let after = try await sample.resident() as Int
                #expect(after < before + 50 << 20)
            }
        }
    }

    @Test func aNumberThatIsNoneIsAnErrorOfItsOwnCall() async throws {
        try await with(try .any) { workspace in
            try await workspace.withProxy { python in
                let error = await #expect(throws: PythonError.self) {
                    try await python["_pyproxy.want_logs"]("one", 0)
                }
                #expect(error?.type == "TypeError")
                let two: Int = try await python.builtins.abs(-2)
                #expect(two == 2)
            }
        }
    }
}

extension Proxy {
    /// Lets the server of a proxy import a module.
    fileprivate static func imported(_ module: String, by proxy: Proxy) async throws {
        _ = try await proxy.link.call(
            CallRequest(operation: .open, target: .name(module), arguments: []))
    }
}
