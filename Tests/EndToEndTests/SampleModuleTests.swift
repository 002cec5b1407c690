import PythonProxy

/// Tests that call the functions of one Python module, "sample".
protocol SampleModuleTests {
    /// Its source.
    static var module: String { get }
}

extension SampleModuleTests {
    /// Runs `body` with a proxy for the module, whose server ends with it.
    func withModule(
        _ environment: TestEnvironment, _ body: (Proxy) async throws -> Void
    ) async throws {
        try await Workspace.with(environment, modules: ["sample": Self.module]) { workspace in
            try await workspace.withProxy("sample", { _ in }, body)
        }
    }
}
