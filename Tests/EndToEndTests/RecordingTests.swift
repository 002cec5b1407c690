import Foundation
import ProxyTransport
import Testing

@testable import PythonProxy

/// The terminal session that the guide shows: `PYPROXY_RECORD=1` makes it anew.
struct RecordingTests {
    private static let root = URL(fileURLWithPath: #filePath).deletingLastPathComponent()
        .appendingPathComponent("../..").standardized.path
    private static let guide = root + "/Sources/PythonProxy/PythonProxy.docc/Reloading.md"
    private static let cast = root + "/Examples/recordings/developing.cast"

    /// What is typed, and what the server says to it, if it does.
    private static let session: [(command: String, word: String?)] = [
        ("pyproxy call forces.sag 10 2.0 0.5 --path python", nil),
        // The cable has a weight of its own.
        ("sed -i 's/-load)/-load - 0.1)/' python/forces.py", "patched"),
        ("pyproxy call forces.sag 10 2.0 0.5 --path python", nil),
        ("sed -i 's/return round(/return round((/' python/forces.py", "broken"),
        ("pyproxy call forces.sag 10 2.0 0.5 --path python", nil),
        ("sed -i 's/return round((/return 1000 * round(/' python/forces.py", "reloaded"),
        ("pyproxy call forces.sag 10 2.0 0.5 --path python", nil),
    ]

    @Test(.needsPackages) func theGuideShowsWhatHappens() async throws {
        try await Workspace.with(try .any) { workspace in
            try FileManager.default.copyItem(
                atPath: Self.root + "/Examples/python/forces.py",
                toPath: workspace.folder + "/python/forces.py")
            let recorder = try Recorder(workspace)
            try await NativeThread.run { try recorder.record(Self.session) }
            let transcript = Self.plain(recorder.events.map(\.text).joined(), workspace)
            if ProcessInfo.processInfo.environment["PYPROXY_RECORD"] != nil {
                try Self.write(recorder.events, transcript, workspace)
            }
            let guide = try String(contentsOfFile: Self.guide, encoding: .utf8)
            let block = try #require(
                guide.components(separatedBy: "```console\n").dropFirst().first?
                    .components(separatedBy: "```").first)
            #expect(transcript == block)
            let lines = try String(contentsOfFile: Self.cast, encoding: .utf8)
                .split(separator: "\n").dropFirst()
            let recorded = try lines.map { line in
                try #require(
                    (JSONSerialization.jsonObject(with: Data(line.utf8)) as? [Any])?[2] as? String)
            }
            #expect(Self.plain(recorded.joined(), workspace) == block)
        }
    }

    /// The program of the guide.
    @Test(.needsPackages) func theGuidesProgramRuns() async throws {
        try await Workspace.with(try .any) { workspace in
            let file = workspace.folder + "/python/forces.py"
            let source = try String(
                contentsOfFile: Self.root + "/Examples/python/forces.py", encoding: .utf8)
            try source.write(toFile: file, atomically: true, encoding: .utf8)
            let forces = try await workspace.proxy("forces")
            let before: Double = try await forces.sag(10, 2.0, 0.5)
            let reloads = forces.server.reloads
            try source.replacingOccurrences(of: "-load)", with: "-load - 0.1)")
                .write(toFile: file, atomically: true, encoding: .utf8)
            let after: Double = try await forces.sag(10, 2.0, 0.5)
            #expect((before, after) == (3.125, 3.75))
            for await event in reloads {
                #expect(event.description.hasPrefix("patched forces ("))
                if let error = event.error { Issue.record(error) }
                if !event.staleClasses.isEmpty { try await forces.restartServer() }
                break
            }
            await forces.stopServer()
        }
    }

    /// Without what differs from time to time and from machine to machine.
    private static func plain(_ text: String, _ workspace: Workspace) -> String {
        text.replacingOccurrences(of: "\r\n", with: "\n")
            .replacingOccurrences(of: workspace.folder, with: "~/net")
            .replacing(#/serving .*/#, with: "serving")
            .replacing(#/\d+\.\d ms/#, with: "0.9 ms")
    }

    /// The format is asciicast 2: https://docs.asciinema.org/manual/asciicast/v2/
    private static func write(
        _ events: [Recorder.Event], _ transcript: String, _ workspace: Workspace
    ) throws {
        var lines = [#"{"version": 2, "width": 100, "height": 40}"#]
        for event in events {
            let text = event.text.replacingOccurrences(of: workspace.folder, with: "~/net")
                .replacing(#/serving .*/#, with: "serving")
            let data = try JSONSerialization.data(
                withJSONObject: [event.seconds, "o", text] as [Any],
                options: [.withoutEscapingSlashes])
            lines.append(String(decoding: data, as: UTF8.self))
        }
        try FileManager.default.createDirectory(
            atPath: (cast as NSString).deletingLastPathComponent,
            withIntermediateDirectories: true)
        try (lines.joined(separator: "\n") + "\n").write(
            toFile: cast, atomically: true, encoding: .utf8)
        var parts = try String(contentsOfFile: guide, encoding: .utf8)
            .components(separatedBy: "```console\n")
        let rest = parts[1].components(separatedBy: "```").dropFirst().joined(separator: "```")
        parts[1] = transcript + "```" + rest
        try parts.joined(separator: "```console\n").write(
            toFile: guide, atomically: true, encoding: .utf8)
    }
}

/// Runs commands one after the other beside a server that shows its reloads.
///
/// SAFETY (`@unchecked Sendable`): used by one thread at a time.
private final class Recorder: @unchecked Sendable {
    struct Event: Sendable {
        let seconds: Double
        let text: String
    }

    private(set) var events: [Event] = []
    private let workspace: Workspace
    private let variables: [String: String]
    private let start = ContinuousClock.now

    init(_ workspace: Workspace) throws {
        self.workspace = workspace
        var variables = workspace.context.variables
        variables["VIRTUAL_ENV"] = try TestEnvironment.any.folder
        variables["PATH"] =
            workspace.context.programDirectory + ":" + (variables["PATH"] ?? "")
        self.variables = variables
    }

    func record(_ session: [(command: String, word: String?)]) throws {
        let server = try PipeEnds()
        say("$ pyproxy serve --verbose --path python &\n")
        let process = try ChildProcess.start(
            workspace.context.programDirectory + "/pyproxy",
            ["serve", "--verbose", "--path", "python"], variables: variables,
            directory: workspace.folder,
            descriptors: [0, server.writing.number, server.writing.number])
        try copy(server.reading.number, until: "serving")
        for (command, word) in session {
            say("$ \(command)\n")
            let result = try ShortProcess.run(
                "/bin/bash", ["-c", command], variables: variables, directory: workspace.folder,
                milliseconds: 60_000)
            say(result.output + result.error)
            if let word { try copy(server.reading.number, until: word) }
        }
        process.send(SIGTERM)
        #expect(process.waitForEnd() == .exit(status: 0))
    }

    private func say(_ text: String) {
        if text.isEmpty { return }
        events.append(
            Event(
                seconds: ((.now - start) / .milliseconds(1)).rounded() / 1000,
                text: text.replacingOccurrences(of: "\n", with: "\r\n")))
    }

    /// Takes what comes, until a whole message with this word.
    private func copy(_ descriptor: Int32, until word: String) throws {
        var text = ""
        var bytes = [UInt8](repeating: 0, count: 1 << 16)
        while true {
            let count = read(descriptor, &bytes, bytes.count)
            guard count > 0 else { break }
            text += String(decoding: bytes.prefix(count), as: UTF8.self)
            if text.contains(word), text.hasSuffix("\n") { break }
        }
        say(text)
    }
}
