import Foundation
import PythonProxy
import Testing

/// Files that change while a server runs.
struct ReloadTests {
    @Test(arguments: TestEnvironment.all, ReloadScenario.all)
    func callsAfterASaveSeeIt(environment: TestEnvironment, scenario: ReloadScenario) async throws {
        try await Workspace.with(environment) { workspace in
            try await scenario.run(in: workspace.folder + "/python", of: workspace)
        }
    }
}
