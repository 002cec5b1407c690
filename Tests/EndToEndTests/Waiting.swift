import Foundation
import ProxyTransport
import Testing

@testable import PythonProxy

/// Waits until a condition holds that nothing tells of: asks again and again, yielding in between. Ends with its
/// task, and fails when it has taken too long.
func waitUntil(
    _ what: String, within limit: Duration = .seconds(120),
    _ condition: () async throws -> Bool
) async throws {
    let deadline = ContinuousClock.now + limit
    while try await !condition() {
        try Task.checkCancellation()
        try #require(ContinuousClock.now < deadline, "waited too long until \(what)")
        await Task.yield()
    }
}

extension Proxy {
    /// Waits until the server runs so many calls.
    func waitUntilRunning(_ count: Int) async throws {
        let control = try await ControlConnection(to: place)
        defer { control.close() }
        try await waitUntil("\(count) calls run") {
            try await control.status().calls.count >= count
        }
    }

    /// Where the server listens, with its files.
    var place: ServerPlace {
        get throws { try #require(link.resolvedTarget?.place, "there was no connection yet") }
    }
}

/// What the parameterised tests run with.
struct TestEnvironmentTests {
    @Test func thePythonsUnderTestAreThere() {
        #expect(
            !TestEnvironment.all.isEmpty,
            "run scripts/test, which finds them: without, tests of every Python would have no case")
    }
}
