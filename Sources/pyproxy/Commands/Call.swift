import ArgumentParser
import Foundation
import PythonProxy

/// Calls a function and prints its result.
struct Call: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Call a Python function and print the result as JSON.",
        discussion: """
            An ARG is JSON if it parses as JSON, otherwise a string. What JSON lacks is an object with one key: \
            {"$tuple": […]}, {"$set": […]}, {"$bytes": "base64"}, {"$complex": [1, 2]}, {"$datetime": "ISO 8601"}, \
            {"$date": "ISO 8601"}, {"$dict": [[key, value], …]}. {"dtype": "compas.geometry/Point", "data": …} is the \
            object of COMPAS.

            Arrays are printed as nested lists, tuples as lists, objects of COMPAS as COMPAS writes them. What Python \
            prints appears on standard error as it happens.
            """)

    @Argument(help: "The function as a dotted path, such as compas.numerical.fd_numpy.")
    var function: String

    @Argument(help: ArgumentHelp("Positional arguments.", valueName: "arg"))
    var arguments: [String] = []

    @Option(
        name: .customLong("kw"),
        help: ArgumentHelp("A keyword argument, with the value as for ARG.", valueName: "name=json")
    )
    var keywords: [String] = []

    @Option(
        name: .customLong("args-json"),
        help: ArgumentHelp(
            "More arguments: a JSON list of positional ones, or a JSON object of keyword ones; - for "
                + "standard input.", valueName: "file"))
    var argumentsFile: String?

    @OptionGroup var environment: EnvironmentOptions

    @Option(help: ArgumentHelp("The longest time for the call.", valueName: "seconds"))
    var timeout: Double?

    func validate() throws {
        for keyword in keywords where !keyword.contains("=") {
            throw ValidationError("--kw \(keyword) has no '='; write --kw name=value")
        }
        if let timeout, !(timeout > 0) {
            throw ValidationError("--timeout \(timeout) is not more than 0 seconds")
        }
    }

    func run() async throws {
        let status = await Failure.status {
            let file = try argumentsFile.map(read)
            let result = try await withProxy(environment.configuration(), context: .current) {
                try await call($0, file)
            }
            print(result.json)
        }
        if status != 0 { throw ExitCode(status) }
    }

    private func call(_ proxy: Proxy, _ file: String?) async throws -> PythonValue {
        let pairs = keywords.map {
            $0.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
        }
        let texts = arguments + pairs.map { String($0[1]) } + (file.map { [$0] } ?? [])
        // Python reads the JSON: integers of any size and NaN arrive as Python means them.
        let parsed: [PythonValue]
        do { parsed = try await proxy.parse(arguments: texts) } catch let error as PythonError {
            throw ValidationError(error.message)
        }
        var positional = Array(parsed.prefix(arguments.count))
        var named = zip(pairs, parsed.dropFirst(arguments.count)).map {
            (name: String($0[0]), value: $1 as any Encodable & Sendable)
        }
        if file != nil, let more = parsed.last {
            switch more {
            case .list(let items): positional += items
            case .dictionary(let entries):
                for (key, value) in entries {
                    if case .string(let name) = key { named.append((name, value)) }
                }
            case .tuple(let items): positional += items
            default:
                throw ValidationError(
                    "--args-json holds neither a JSON list nor a JSON object, but \(more)")
            }
        }
        let target =
            timeout.map { proxy.with(timeout: .seconds($0))[attribute: function] }
            ?? proxy[function]
        return try await target.callForAll(arguments: positional, keywords: named)
    }

    private func read(_ name: String) throws -> String {
        guard name != "-" else {
            return String(
                decoding: try FileHandle.standardInput.readToEnd() ?? Data(), as: UTF8.self)
        }
        do { return try String(contentsOfFile: name, encoding: .utf8) } catch {
            throw ValidationError(
                "--args-json: \(name) cannot be read: \(error.localizedDescription)")
        }
    }
}
