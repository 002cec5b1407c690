import Foundation
import Testing

@testable import PythonProxy

/// The table of Values.md: every type in it crosses from Python to Swift and back without loss, on every
/// CPython, with the libraries of both major versions and without them.
@Suite(.timeLimit(.minutes(10)))
struct ValueTableTests {
    static let environments =
        TestEnvironment.all + [
            .bare, .science1, .science2, .compas, .compas2,
        ]

    static let fixture = URL(fileURLWithPath: #filePath).deletingLastPathComponent()
        .appendingPathComponent("../Fixtures/fidelity.py").standardized.path

    private func withFixture(
        _ environment: TestEnvironment, _ body: (Proxy) async throws -> Void
    ) async throws {
        let source = try String(contentsOfFile: Self.fixture, encoding: .utf8)
        try await Workspace.with(environment, modules: ["fidelity": source]) { workspace in
            try await workspace.withProxy("fidelity", { _ in }, body)
        }
    }

    @Test(.needsPackages, arguments: environments)
    func everyValueOfTheTableComesBackAsItWas(environment: TestEnvironment) async throws {
        try await withFixture(environment) { fidelity in
            let cases: [[String]] = try await fidelity.cases()
            #expect(cases.count > 35)
            for source in cases.map({ $0[1] }) {
                do {
                    let value: PythonValue = try await fidelity.make(source)
                    let difference: String = try await fidelity.difference(value, source)
                    #expect(difference.isEmpty, "Python → Swift → Python: \(source)")
                    let echoed: PythonValue = try await fidelity.echo(value)
                    // What is not equal to itself, made again, has a NaN somewhere.
                    let again: PythonValue = try await fidelity.make(source)
                    #expect(
                        echoed == value || again != value,
                        "Swift → Python → Swift: \(source)")
                } catch {
                    Issue.record("\(source): \(error)")
                }
            }
        }
    }

    @Test(arguments: TestEnvironment.all)
    func randomNestedValuesComeBackAsTheyWere(environment: TestEnvironment) async throws {
        try await withFixture(environment) { fidelity in
            for seed in 0..<400 {
                let value: PythonValue = try await fidelity.random_value(seed)
                let difference: String = try await fidelity.random_difference(value, seed)
                #expect(difference.isEmpty, "Python → Swift → Python, seed \(seed)")
            }
            for seed in 0..<400 {
                var random = RandomValues(seed: UInt64(seed))
                let value = random.value(depth: 4)
                let echoed: PythonValue = try await fidelity.echo(value)
                #expect(echoed == value, "Swift → Python → Swift, seed \(seed)")
            }
        }
    }

    static let shown = [
        "np.arange(6).reshape(2, 3)", "np.array([1.0, 2.5, -3.125])",
        "np.array([[1.0, 2], [3, 4]])",
        "np.array([0.1, 1/3, 100])", "np.array([1e-5, 2.5])", "np.array([1e10, 1])",
        "np.array([np.nan, np.inf, -np.inf, 1])", "np.array([True, False])",
        "np.array([1+2j, -0.5j])", "np.array([1, 2], 'i1')", "np.array([0.5], 'f4')",
        "np.array(['a', 'bcd'])", "np.array([b'a'])", "np.array(7)", "np.array(1.5)",
        "np.zeros((2, 2, 2))", "np.arange(40)", "np.arange(100) * 1000", "np.arange(60.0) / 7",
        "np.arange(10_000)", "np.arange(90_000.0).reshape(300, 300)", "np.zeros((0,))",
        "np.zeros((0, 3))", "np.array(['2020-01-01', '1969-12-31'], 'M8[D]')",
        "np.array(['2020-01-01T10:20:30.5'], 'M8[ms]')", "np.array([1, -20], 'm8[s]')",
        "np.array([1e-300, 1e300])", "np.array([0.0, -0.0])", "np.array([123456.789, 0.001])",
        "np.array([1, 2], 'u8')", "np.array([], int)",
    ]

    @Test(.needsPackages) func arraysAreShownAsNumpyShowsThem() async throws {
        try await withFixture(.science2) { fidelity in
            for source in Self.shown {
                let array: AnyNDArray = try await fidelity.make(source)
                let text: String = try await fidelity.make("str(\(source))")
                #expect(array.description == text, "\(source)")
                let representation: String = try await fidelity.make("repr(\(source))")
                #expect(array.debugDescription == representation, "\(source)")
            }
        }
    }

    @Test(.needsPackages) func theTableNamesEveryTypeThatIsTested() async throws {
        let page = URL(fileURLWithPath: #filePath).deletingLastPathComponent()
            .appendingPathComponent("../../Sources/PythonProxy/PythonProxy.docc/Values.md")
        let text = try String(contentsOf: page.standardized, encoding: .utf8)
        try await withFixture(.science2) { fidelity in
            let cases: [[String]] = try await fidelity.CASES.get()
            for name in Set(cases.map { $0[0] }) {
                // As a word of its own.
                let word = try Regex(
                    "(^|[^\\w.])" + NSRegularExpression.escapedPattern(for: name) + "($|\\W)")
                #expect(text.contains(word), "Values.md does not speak of \(name)")
            }
        }
    }
}
