import Foundation
import PythonProxy
import Testing

/// The public way to make a proxy, in the context of this process.
@Suite(.timeLimit(.minutes(5)))
struct PublicProxyTests {
    private static let environments = URL(fileURLWithPath: #filePath)
        .deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent()
        .appending(path: ".build/environments")

    /// Servers of this test only.
    private func configuration(port: Int) -> ProxyConfiguration {
        ProxyConfiguration(
            "math", python: PythonEnvironment(Self.environments.appending(path: "bare")), port: port
        )
    }

    @Test func aProxyCalls() async throws {
        let configuration = configuration(port: 53_101)
        let root = try await withProxy(configuration) { math in
            let root: Double = try await math.sqrt(16)
            let status = try await math.server.status()
            #expect(status.processIdentifier == math.server.processIdentifier)
            return root
        }
        #expect(root == 4)
        try await withProxy("math", python: configuration.python, port: 53_101) { math in
            let pi: Double = try await math.pi.get()
            #expect(pi == .pi)
        }
    }

    @Test func aLazyProxyCalls() async throws {
        let math = Proxy.lazy(configuration(port: 53_102))
        let root: Double = try await math.sqrt(16)
        #expect(root == 4)
        await math.stopServer()
    }

    @Test func namesOfProxyArePythonsThroughASubscript() async throws {
        try await withProxy(configuration(port: 53_103)) { math in
            let builtins = try await Proxy("builtins", on: math)
            let code = """
                import types, sys
                sys.modules["collision"] = types.SimpleNamespace(
                    server=lambda: 1, package=lambda: 2, disconnect=lambda: 3, script=lambda: 4)
                """
            try await builtins.exec(code)
            let collision = try await Proxy("collision", on: math)
            for (number, name) in ["server", "package", "disconnect", "script"].enumerated() {
                let answer: Int = try await collision[name]()
                #expect(answer == number + 1)
            }
        }
    }
}
