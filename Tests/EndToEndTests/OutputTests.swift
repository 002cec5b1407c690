import Foundation
import Logging
import ProxyTransport
import Testing

@testable import PythonProxy

/// What Python, C code and subprocesses print.
@Suite(.timeLimit(.minutes(10)))
struct OutputTests: SampleModuleTests {
    static let module = """
        import ctypes, os, subprocess, sys
        def say(text, error=False): print(text, file=sys.stderr if error else sys.stdout)
        def raw(): os.write(1, b"raw"); os.write(2, b"error")
        def c(): libc = ctypes.PyDLL(None); libc.puts(b"from C")
        def child(): subprocess.run(["echo", "from a child"], check=True)
        def much(n):
            for _ in range(n): print("x" * 1023)
        def much_c(n):
            write = ctypes.PyDLL(None).write
            block = b"y" * 1_000_000
            for _ in range(n): write(1, block, len(block))
        def binary(): sys.stdout.buffer.write(bytes([0, 255, 254])); sys.stdout.buffer.flush()
        def inode(descriptor): return os.fstat(descriptor).st_ino
        def end(): print("END", end="", flush=True)
        def mixed():
            libc = ctypes.PyDLL(None)
            for i in range(50):
                print(i, end=" ")
                libc.puts(b"c")
                os.write(1, b"raw ")
                sys.stderr.write("e")
        def split():
            for byte in "ü水🙂".encode(): os.write(1, bytes([byte]))
        def progress():
            for i in range(3): print(f"\\r{i}0 %", end="")
        def in_thread(text, later=0):
            import threading
            def work():
                if later: gate.wait()
                print(text)
            thread = threading.Thread(target=work)
            thread.start()
            if not later: thread.join()
        import threading
        gate = threading.Event()
        def open_gate(): gate.set()
        def in_pool(text):
            global pool
            import concurrent.futures
            pool = globals().get("pool") or concurrent.futures.ThreadPoolExecutor(1)
            pool.submit(print, text).result()
        def in_task(text):
            import asyncio
            async def say(): await asyncio.sleep(0); print(text)
            async def main(): await asyncio.gather(say(), asyncio.to_thread(print, text + "!"))
            asyncio.run(main())
        def on_loop(text):
            global loop
            import asyncio
            if "loop" not in globals():
                loop = asyncio.new_event_loop()
                threading.Thread(target=loop.run_forever, daemon=True).start()
            async def say(): print(text)
            asyncio.run_coroutine_threadsafe(say(), loop).result()
        def hold(): print("holding", flush=True); gate.wait()
        def ask(): return input("name? ")
        def debug(): breakpoint()
        def read_all(): return sys.stdin.read()
        def log(text):
            import logging
            logger = logging.getLogger("sample")
            logger.debug("quiet %s", text); logger.info("told %s", text)
            try: 1 / 0
            except ZeroDivisionError: logger.exception("failed %s", text)
        def warn(text):
            import warnings
            warnings.warn(text, UserWarning)
        def basic():
            import io, logging
            stream = io.StringIO()
            logging.basicConfig(stream=stream, format="%(message)s", level=logging.INFO)
            logging.getLogger("x").info("formatted")
            return stream.getvalue()
        """

    /// The bytes of both streams up to the text "END".
    private func collect(_ output: AsyncStream<OutputChunk>) async -> (out: [UInt8], err: [UInt8]) {
        var (out, err): ([UInt8], [UInt8]) = ([], [])
        for await chunk in output {
            #expect(chunk.droppedBytes == 0)
            if chunk.stream == .standardOutput { out += chunk.bytes } else { err += chunk.bytes }
            if out.suffix(3).elementsEqual("END".utf8) { break }
        }
        return (out.dropLast(3), err)
    }

    @Test(arguments: TestEnvironment.bothWays)
    func everythingThatIsPrintedArrives(environment: TestEnvironment) async throws {
        try await withModule(environment) { sample in
            let output = sample.server.output
            try await sample.say("hello ü")
            try await sample.say("oops", error: true)
            try await sample.raw()
            try await sample.c()
            try await sample.child()
            try await sample.binary()
            try await sample.end()
            let (out, err) = await collect(output)
            #expect(out == Array("hello ü\nrawfrom C\nfrom a child\n".utf8) + [0, 255, 254])
            #expect(String(decoding: err, as: UTF8.self) == "oops\nerror")
        }
    }

    @Test func outputNamesItsCall() async throws {
        try await withModule(try .any) { sample in
            let output = sample.server.output
            try await sample.say("one")
            try await sample.say("two")
            try await sample.end()
            var ids: [String: UInt64?] = [:]
            for await chunk in output {
                let text = chunk.text.trimmingCharacters(in: .whitespacesAndNewlines)
                if !text.isEmpty { ids[text] = chunk.callID }
                if text == "END" { break }
            }
            #expect(ids["one"] != nil && ids["one"] != ids["two"])
        }
    }

    @Test(arguments: TestEnvironment.all)
    func bytesOfPythonAndCStayInTheOrderInWhichTheyWereWritten(
        environment: TestEnvironment
    ) async throws {
        try await withModule(environment) { sample in
            let output = sample.server.output
            try await sample.mixed()
            try await sample.end()
            let (out, err) = await collect(output)
            let expected = (0..<50).map { "\($0) c\nraw " }.joined()
            #expect(String(decoding: out, as: UTF8.self) == expected)
            #expect(err.count == 50)
        }
    }

    @Test(arguments: TestEnvironment.bothWays)
    func onePrintIsOneChunkAndNoChunkJoinsTwoCalls(environment: TestEnvironment) async throws {
        let module = #"""
            import os, sys, threading
            def lines():
                print("a", 1, None)
                print("b\nc")
                print("d", end="", flush=True)
                print("e", end="")
                sys.stderr.write("f")
                print("g")
                sys.stdout.buffer.write(b"h")
                sys.stdout.buffer.flush()
                os.write(1, b"i\nj")
            def unfinished(text): print(text, end="")
            def waits(event=threading.Event()):
                print("k", end="")
                event.wait(0.5)
                print("l", end="")
            """#
        try await Workspace.with(environment, modules: ["sample": module]) { workspace in
            let sample = try await workspace.proxy("sample") { $0.isScoped = true }
            let output = sample.server.output
            try await sample.lines()
            try await sample.unfinished("x")
            try await sample.unfinished("y")
            try await sample.waits()
            await sample.disconnect()
            let chunks = await output.reduce(into: []) { $0.append($1) }
            #expect(
                chunks.map(\.text) == [
                    "a 1 None\n", "b\nc\n", "d", "e", "f", "g\n", "h", "i\n", "j", "x", "y", "k",
                    "l",
                ])
            let ids = chunks.map { $0.callID ?? 0 }
            #expect(ids == [2, 2, 2, 2, 2, 2, 2, 2, 2, 3, 4, 5, 5])
        }
    }

    @Test func charactersThatArriveInPiecesAreWhole() async throws {
        try await withModule(try .any) { sample in
            let output = sample.server.output
            try await sample.split()
            try await sample.progress()
            try await sample.end()
            var text = ""
            for await chunk in output {
                text += chunk.text
                if text.hasSuffix("END") { break }
            }
            #expect(text == "ü水🙂\r00 %\r10 %\r20 %END")
        }
    }

    /// The call of each line, counted from the order of the calls.
    private func callIDs(
        _ output: AsyncStream<OutputChunk>
    ) async -> [String: UInt64?] {
        var ids: [String: UInt64?] = [:]
        for await chunk in output {
            let text = chunk.text.trimmingCharacters(in: .whitespacesAndNewlines)
            if !text.isEmpty { ids[text] = .some(chunk.callID) }
            if ids["END"] != nil, ids["late"] != nil { break }
        }
        return ids
    }

    @Test(arguments: TestEnvironment.bothWays)
    func whatThreadsAndTasksOfACallPrintNamesThatCall(environment: TestEnvironment) async throws {
        try await withModule(environment) { sample in
            let (output, beginning) = (sample.server.output, sample.server.output)
            // So that what is not attributed cannot be guessed from there being only one call.
            let holder = Task { try await sample.hold() as PythonValue }
            for await chunk in beginning where chunk.text.contains("holding") { break }
            for function in ["say", "in_thread", "in_pool", "in_task", "on_loop"] {
                for round in 1...2 { try await sample[function]("\(function) \(round)") }
            }
            try await sample.in_thread("late", later: 1)
            try await sample.open_gate()
            _ = try await holder.value
            let tail = Task { await callIDs(output) }
            try await sample.end()
            let ids = await tail.value
            let say = try #require(ids["say 1"] ?? nil)
            for (index, function) in ["say", "in_thread", "in_pool", "in_task", "on_loop"]
                .enumerated()
            {
                for round in 1...2 {
                    let id = ids["\(function) \(round)"] ?? nil
                    #expect(id == say + UInt64(2 * index + round - 1), "\(function) \(round)")
                }
            }
            #expect(ids["in_task 1!"] == ids["in_task 1"])
            // Its call had ended by then.
            #expect(ids["late"] == .some(.some(say + 10)))
        }
    }

    @Test(arguments: TestEnvironment.all)
    func waitingForInputIsAnErrorAtOnce(environment: TestEnvironment) async throws {
        try await withModule(environment) { sample in
            for (function, text) in [
                ("ask", "no standard input"), ("read_all", "no standard input"),
                ("debug", "needs a terminal"),
            ] {
                let error = await #expect(throws: PythonError.self) { try await sample[function]() }
                #expect(error?.message.contains(text) == true, "\(String(describing: error))")
            }
        }
    }

    @Test(arguments: ["much", "much_c"])
    func aHundredMegabytesForAReaderThatSleepsStayBounded(function: String) async throws {
        try await withModule(try .any) { sample in
            // A listener that does not read yet.
            let output = sample.server.output
            try await sample[function](function == "much" ? 102_400 : 100)
            try await sample.end()
            var (read, dropped) = (0, 0)
            for await chunk in output {
                read += chunk.bytes.count
                dropped += chunk.droppedBytes
                if chunk.text.hasSuffix("END") { break }
            }
            #expect(read <= (16 << 20) + (1 << 20))
            #expect(read + dropped == (function == "much" ? 102_400 * 1024 : 100_000_000) + 3)
        }
    }

    // MARK: Logging

    @Test(arguments: TestEnvironment.all)
    func logRecordsAndWarningsArriveStructured(environment: TestEnvironment) async throws {
        try await withModule(environment) { sample in
            let records = try await sample.server.logs(from: .info)
            try await sample.log("a")
            try await sample.warn("careful")
            var all: [PythonLogRecord] = []
            for await record in records {
                all.append(record)
                if all.count == 3 { break }
            }
            #expect(all.map(\.level) == [.info, .error, .warning])
            #expect(all.map(\.logger) == ["sample", "sample", "py.warnings"])
            #expect(all.map(\.message) == ["told a", "failed a", "careful"])
            #expect(all[0].function == "log" && all[0].file.hasSuffix("/sample.py"))
            #expect(all[1].traceback?.contains("ZeroDivisionError") == true)
            #expect(all[2].warningCategory == "UserWarning")
            let first = try #require(all[0].callID)
            #expect(all.map(\.callID) == [first, first, first + 1])
            let formatted: String = try await sample.basic()
            #expect(formatted == "formatted\n")
        }
    }

    @Test func logRecordsGoOnAfterTheServerHasBeenReplaced() async throws {
        try await withModule(try .any) { sample in
            let records = try await sample.server.logs()
            try await sample.restartServer()
            try await sample.log("b")
            for await record in records {
                #expect(record.message == "failed b")
                break
            }
        }
    }

    @Test func logRecordsOfOneClientDoNotReachAnother() async throws {
        try await Workspace.with(try .any, modules: ["sample": Self.module]) { workspace in
            try await workspace.withProxy("sample") { sample in
                let other = try await workspace.proxy("sample") { $0.isScoped = true }
                let (mine, theirs) = (try await sample.server.logs(), try await other.server.logs())
                try await other.log("theirs")
                try await sample.log("mine")
                for await record in mine {
                    #expect(record.message == "failed mine")
                    break
                }
                for await record in theirs {
                    #expect(record.message == "failed theirs")
                    break
                }
                await other.disconnect()
            }
        }
    }

    @Test func recordsGoToSwiftLogIfAsked() async throws {
        try await withModule(try .any) { sample in
            let handler = RecordingLogHandler()
            var logger = Logger(label: "python", factory: { _ in handler })
            logger.logLevel = .trace
            try await sample.server.forwardLogs(to: logger, from: .debug)
            try await sample.log("c")
            let lines = try await handler.lines(3)
            #expect(lines.map(\.level) == [.debug, .info, .error])
            #expect(lines.map(\.message) == ["quiet c", "told c", "failed c"])
        }
    }

    @Test(arguments: ["much", "much_c"])
    func aCallThatPrintsTenMegabytesCompletes(function: String) async throws {
        try await withModule(try .any) { sample in
            let output = sample.server.output
            let reading = Task { await collect(output) }
            try await sample[function](function == "much" ? 10_240 : 10)
            try await sample.end()
            let count = await reading.value.out.count
            #expect(count == (function == "much" ? 10_240 * 1024 : 10_000_000))
        }
    }

    @Test func aCallThatPrintsMuchCompletesWhenNobodyReads() async throws {
        try await withModule(try .any) { sample in
            try await sample.much(10_240)
            try await sample.much_c(10)
        }
    }

    @Test func streamsEndWithDisconnectAndBeginAgainAfterAStart() async throws {
        try await withModule(try .any) { sample in
            let (output, reloads) = (sample.server.output, sample.server.reloads)
            let logs = try await sample.server.logs()
            try await sample.end()
            await sample.disconnect()
            #expect(await output.reduce("") { $0 + $1.text } == "END")
            #expect(await reloads.reduce(0) { count, _ in count + 1 } == 0)
            #expect(await logs.reduce(0) { count, _ in count + 1 } == 0)
            try await sample.startServer()
            let again = sample.server.output
            try await sample.end()
            await sample.disconnect()
            #expect(await again.reduce("") { $0 + $1.text } == "END")
        }
    }

    @Test func withoutCaptureTheServerHasTheDescriptorsOfTheClient() async throws {
        try await Workspace.with(try .any, modules: ["sample": Self.module]) { workspace in
            try await workspace.withProxy("sample", { $0.captureOutput = false }) { sample in
                for descriptor in [1, 2] {
                    let theirs: UInt64 = try await sample.inode(descriptor)
                    var status = stat()
                    fstat(Int32(descriptor), &status)
                    #expect(theirs == UInt64(status.st_ino))
                }
            }
        }
    }
}
