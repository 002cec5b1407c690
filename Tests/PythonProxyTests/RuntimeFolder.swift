import Foundation

@testable import PythonProxy

/// A runtime directory of a test's own.
struct RuntimeFolder {
    let path: String
    let context: ProcessContext

    init() throws {
        path = "/tmp/pyproxy-test-\(UUID().uuidString.prefix(8))"
        try FileManager.default.createDirectory(
            atPath: path, withIntermediateDirectories: false,
            attributes: [.posixPermissions: 0o700])
        var context = ProcessContext.current
        context.variables["PYPROXY_RUNTIME_DIR"] = path
        self.context = context
    }

    func remove() { try? FileManager.default.removeItem(atPath: path) }
}
