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

    /// A secret of this user's, for hashes of what must not be known: 128 random bits, made once.
    func secret() throws -> (UInt64, UInt64) {
        let path = file("secret")
        if let secret = Self.secret(in: path) { return secret }
        // Under another name first: nobody must read half of it.
        var generator = SystemRandomNumberGenerator()
        let text = String(generator.next(), radix: 16) + " " + String(generator.next(), radix: 16)
        let draft = file("secret-\(getpid())-\(generator.next())")
        do {
            let opened = try Descriptor(
                opening: draft, flags: O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW)
            var line = text
            line.withUTF8 { _ = write(opened.number, $0.baseAddress, $0.count) }
        } catch {
            throw ProxyError.serverUnavailable("\(error); name a folder that you can write to")
        }
        // If another client was quicker, its secret counts.
        link(draft, path)
        unlink(draft)
        guard let secret = Self.secret(in: path) else {
            throw ProxyError.serverUnavailable("\(path) holds no secret; remove it")
        }
        return secret
    }

    private static func secret(in path: String) -> (UInt64, UInt64)? {
        guard let text = try? String(contentsOfFile: path, encoding: .utf8) else { return nil }
        let words = text.split(separator: " ").compactMap { UInt64($0, radix: 16) }
        return words.count == 2 ? (words[0], words[1]) : nil
    }
}
