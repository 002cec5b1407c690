import Foundation
import PythonProxy
import Testing

/// What someone does with files while a server runs, and what calls return before and after.
struct ReloadScenario: Sendable, CustomTestStringConvertible {
    /// How an editor, or another program, puts new contents into a file.
    enum Save: Sendable {
        /// Writes a file beside it and renames that: VS Code, PyCharm, `sed -i`, formatters, git.
        case rename
        /// Empties the file and writes it: nano, `cat >`.
        case inPlace
        /// Renames the old file and writes a new one: vim.
        case backup
        /// Removes the old file, then writes a new one.
        case removeFirst
    }

    enum Step: Sendable {
        /// The next calls see what follows from these contents; nil removes a file.
        case save([String: String?])
        case move(String, to: String)
        case link(String, to: String)
        case touch(String)
        case call(String, PythonValue)
        /// The call raises this, and the innermost frame is in that line of that file.
        case raises(String, String, at: String?)
        /// What has become of which module with the last save.
        case event([String: ReloadEvent.Kind], stale: [String] = [])
    }

    let name: String
    var save = Save.rename
    var package: String? = nil
    let files: [String: String]
    let steps: [Step]

    /// Whether its modules import numpy.
    var needsPackages: Bool { files.values.contains { $0.contains("import numpy") } }

    var testDescription: String { name }

    /// Carries the scenario out in a folder that is on `sys.path` of the server.
    func run(in folder: String, of workspace: Workspace) async throws {
        for (path, contents) in files { try write(contents, to: folder + "/" + path) }
        try await workspace.withProxy(package, { $0.path = [folder] }) { proxy in
            let reloads = proxy.server.reloads
            var events = reloads.makeAsyncIterator()
            for (index, step) in steps.enumerated() {
                try await perform(
                    step, "\(name), step \(index)", folder: folder, proxy: proxy, &events)
            }
        }
    }

    private func perform(
        _ step: Step, _ place: String, folder: String, proxy: Proxy,
        _ events: inout AsyncStream<ReloadEvent>.Iterator
    ) async throws {
        switch step {
        case .save(let changes):
            for (path, contents) in changes.sorted(by: { $0.key < $1.key }) {
                if let contents {
                    try self.replace(folder + "/" + path, with: contents)
                } else {
                    try FileManager.default.removeItem(atPath: folder + "/" + path)
                }
            }
        case .move(let old, let new):
            #expect(rename(folder + "/" + old, folder + "/" + new) == 0, "\(place)")
        case .link(let path, let destination):
            // As `ln -sfn` does it: at once.
            #expect(symlink(folder + "/" + destination, folder + "/.new") == 0, "\(place)")
            #expect(rename(folder + "/.new", folder + "/" + path) == 0, "\(place)")
        case .touch(let path):
            #expect(utimes(folder + "/" + path, nil) == 0, "\(place)")
        case .call(let target, let expected):
            let value: PythonValue = try await proxy[target]()
            #expect(value == expected, "\(place)")
        case .raises(let target, let type, let line):
            do {
                let value: PythonValue = try await proxy[target]()
                Issue.record("\(place): \(target) returned \(value)")
            } catch let error as PythonError {
                #expect(error.type == type, "\(place)")
                if let line {
                    let frame = error.traceback.last
                    #expect(
                        "\(frame?.file ?? "?"):\(frame?.line ?? 0)" == "\(folder)/\(line)",
                        "\(place): \(error)")
                }
            }
        case .event(let kinds, let stale):
            // The events of a burst that took long are one after the other.
            var seen: [String: ReloadEvent.Kind] = [:]
            var last: ReloadEvent?
            while !kinds.allSatisfy({ seen[$0.key] == $0.value }) {
                guard let event = await events.next() else { break }
                seen.merge(event.kinds) { $1 }
                last = event
            }
            #expect(seen == kinds, "\(place)")
            #expect(last?.staleClasses == stale, "\(place)")
        }
    }

    private func write(_ contents: String, to path: String) throws {
        try FileManager.default.createDirectory(
            atPath: (path as NSString).deletingLastPathComponent, withIntermediateDirectories: true)
        try contents.write(toFile: path, atomically: false, encoding: .utf8)
    }

    private func replace(_ path: String, with contents: String) throws {
        switch save {
        case .rename:
            try write(contents, to: path + ".tmp")
            #expect(rename(path + ".tmp", path) == 0)
        case .inPlace:
            try write(contents, to: path)
        case .backup:
            _ = rename(path, path + "~")
            try write(contents, to: path)
        case .removeFirst:
            unlink(path)
            try write(contents, to: path)
        }
    }
}
