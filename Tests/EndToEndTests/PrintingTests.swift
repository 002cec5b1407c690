import Testing

@testable import PythonProxy

/// What is on a server, when it is printed.
@Suite(.timeLimit(.minutes(5)))
struct PrintingTests: SampleModuleTests {
    static let module = "class Table(dict): pass"

    @Test func whatIsOnTheServerPrintsAsPythonWouldWriteIt() async throws {
        try await withModule(try .any) { sample in
            let table: PythonObject = try await sample.Table(a: 1)
            let server = "server \(try #require(sample.server.processIdentifier))"
            let module = try await PythonModule("x = 1", on: sample)
            let cases: [(Any, String)] = [
                (table, "<Table on \(server)>"), (table["a"].real, "Table['a'].real"),
                (sample.Table, "Table"), (table["a"] + 1, "(Table['a'] + 1)"),
                ((table["a"] + 1).bit_length(), "(Table['a'] + 1).bit_length()"),
                (module, "<PythonModule on \(server)>"), (module.x, "PythonModule.x"),
            ]
            for (value, text) in cases {
                #expect("\(value)" == text)
                #expect("\([value])" == "[\(text)]")
            }
            try await sample.script { py in
                let table = py.sample.Table()
                #expect("\(py.sample.Table)" == "sample.Table")
                #expect("\(table)" == "<value 1 of a script>")
                #expect("\(py)" == "py")
            }
        }
    }

    /// Who dumps them, or tests them, does not want the variables of the environment in a log.
    @Test func whatIsDumpedHasNothingOfTheEnvironment() async throws {
        try await Workspace.with(try .any, modules: ["sample": Self.module]) { workspace in
            try await workspace.withProxy(
                "sample", { $0.environment = ["TOKEN_OF_TESTS": "do not tell"] }
            ) { sample in
                let table: PythonObject = try await sample.Table(a: 1)
                let module = try await PythonModule("x = 1", on: sample)
                let script = try PythonScript { py, _ in py.sample.Table() }
                let values: [Any] = [
                    sample, sample.server, sample.Table, table, table["a"], table["a"] + 1, module,
                    script,
                ]
                for value in values {
                    var text = ""
                    dump(value, to: &text)
                    #expect(!text.contains("TOKEN_OF_TESTS"), "\(type(of: value))")
                    #expect(text.count < 10_000, "\(type(of: value))")
                }
            }
        }
    }
}
