import Foundation
import ProxyTransport

/// The folder of this user's servers: sockets, locks and logs.
package struct RuntimeDirectory: Sendable, Equatable {
    package let path: String

    /// `$PYPROXY_RUNTIME_DIR`, `$XDG_RUNTIME_DIR/pyproxy`, or `/tmp/pyproxy-<uid>`, made if need be.
    ///
    /// - Throws: `ProxyError.serverUnavailable` if others could reach into it.
    package init(_ context: ProcessContext) throws {
        let named = context.variables["PYPROXY_RUNTIME_DIR"]
        let session = context.variables["XDG_RUNTIME_DIR"].flatMap {
            FileSystem.isFolder($0) ? $0 + "/pyproxy" : nil
        }
        // Not the temporary folder of macOS, whose path leaves no room for the name of a socket.
        path = named ?? session ?? "/tmp/pyproxy-\(geteuid())"
        if mkdir(path, 0o700) != 0 { try check() }
    }

    /// A folder in a place where anyone may create one may be somebody else's trap.
    private func check() throws {
        var status = stat()
        guard lstat(path, &status) == 0 else {
            throw ProxyError.serverUnavailable(
                "the folder \(path) for sockets cannot be made (\(SystemError("mkdir").errno)); "
                    + "name another one with PYPROXY_RUNTIME_DIR")
        }
        guard status.st_mode & S_IFMT == S_IFDIR, status.st_uid == geteuid(),
            status.st_mode & 0o077 == 0
        else {
            throw ProxyError.serverUnavailable(
                "\(path) is not a folder that only you can use, as sockets need it; remove it, "
                    + "restrict it with chmod 700, or name another one with PYPROXY_RUNTIME_DIR")
        }
    }

    func file(_ name: String) -> String { "\(path)/\(name)" }
}
