import ArgumentParser
import PythonProxy

/// How errors become messages and exit statuses.
enum Failure {
    static func status(_ body: () async throws -> Void) async -> Int32 {
        do {
            try await body()
            return 0
        } catch let error as PythonError {
            complain("\(error)")
            return 1
        } catch let code as ExitCode {
            return code.rawValue
        } catch let error as ValidationError {
            complain("Error: \(error)")
            return 64
        } catch {
            complain("pyproxy: \(error)")
            return 2
        }
    }
}
