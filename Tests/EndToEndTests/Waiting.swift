import Foundation
import ProxyTransport
import Testing

@testable import PythonProxy

/// Waits until a condition holds that nothing tells of: asks again and again, yielding in between. Ends with its
/// task, and fails when it has taken too long.
func waitUntil(
    _ what: String, within limit: Duration = .seconds(30),
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
        let place = link.target.place
        try await waitUntil("\(count) calls run") {
            try await NativeThread.run {
                let control = try ControlConnection(to: place)
                defer { control.close() }
                return try control.status().calls.count >= count
            }
        }
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
