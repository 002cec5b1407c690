import Foundation
import ProxyTransport
import ProxyWire

/// Where a server listens, and the files that belong to it.
package struct ServerPlace: Sendable {
    package let address: ServerAddress
    /// Held by whoever starts a server here.
    let lockPath: String
    package let logPath: String
    /// Says which process serves here.
    let recordPath: String
    /// What a client of a TCP port must know.
    var tokenPath: String?
    /// A link in the runtime directory to a socket elsewhere, so that `pyproxy list` finds it.
    let linkPath: String?

    /// The address as part of a server's identity: empty for a socket in the runtime directory.
    package static func normalized(
        _ url: String?, port: Int, _ context: ProcessContext
    ) throws -> String {
        guard let url else { return "" }
        if url.hasPrefix("unix:"), url.count > 5 {
            let path = context.absolute(String(url.dropFirst(5)))
            return "unix:" + (path.hasSuffix(".sock") ? path : path + ".sock")
        }
        guard url.hasPrefix("tcp://") else {
            throw ProxyError.invalidConfiguration(
                "\(url) is no address that a server can listen at; leave url out, or give a socket as "
                    + "\"unix:/path/to/name.sock\", or \"tcp://127.0.0.1\"")
        }
        var host = String(url.dropFirst(6))
        var number = port
        if let colon = host.lastIndex(of: ":") {
            guard let explicit = Int(host[host.index(after: colon)...]) else {
                throw ProxyError.invalidConfiguration("the port in \(url) is not a number")
            }
            number = explicit
            host = String(host[..<colon])
        }
        guard (1...65535).contains(number) else {
            throw ProxyError.invalidConfiguration(
                "the port \(number) of \(url) is not between 1 and 65535")
        }
        guard host == "127.0.0.1" || host == "localhost" else {
            throw ProxyError.invalidConfiguration(
                "\(url) is reachable from other machines, and whoever reaches a server may run any "
                    + "code; serve at tcp://127.0.0.1 there, and reach it through a tunnel: "
                    + "'ssh -L \(number):127.0.0.1:\(number) \(host.isEmpty ? "HOST" : host)'")
        }
        return "tcp://127.0.0.1:\(number)"
    }

    /// - Parameters:
    ///   - base: the path of the server's files in the runtime directory, without what tells them apart.
    ///   - lockPath: nil for a file of that name.
    private init(
        _ address: ServerAddress, base: String, tokenPath: String? = nil, linkPath: String? = nil,
        lockPath: String? = nil
    ) {
        self.address = address
        self.tokenPath = tokenPath
        self.linkPath = linkPath
        self.lockPath = lockPath ?? base + ".lock"
        logPath = base + ".log"
        recordPath = base + ".process"
    }

    /// - Parameters:
    ///   - url: in its normalized form.
    ///   - fingerprint: names the files of servers whose address is not chosen by the user.
    package init(
        normalizedURL url: String, fingerprint: String, _ context: ProcessContext
    ) throws {
        let directory = try RuntimeDirectory(context)
        do {
            if let port = UInt16(url.split(separator: ":").last ?? ""), url.hasPrefix("tcp:") {
                let base = directory.file("tcp-\(port)")
                self.init(
                    .loopback(LoopbackAddress(port: port)), base: base, tokenPath: base + ".token")
            } else if url.isEmpty {
                let base = directory.file(fingerprint)
                self.init(.unix(try UnixAddress(path: base + ".sock")), base: base)
            } else {
                // Only the socket is where the user wants it.
                let base = directory.file("at-" + ServerIdentity.fingerprint(of: url))
                self.init(
                    .unix(try UnixAddress(path: String(url.dropFirst(5)))), base: base,
                    linkPath: base + ".sock")
            }
        } catch {
            throw ProxyError.serverUnavailable("\(error)")
        }
    }

    /// The place of a server that was found by one of its files in the runtime directory; nil for files of
    /// other kinds.
    init?(found name: String, in directory: RuntimeDirectory) {
        let path = directory.file(name)
        if name.hasPrefix("tcp-"), name.hasSuffix(".token"),
            let port = UInt16(name.dropFirst(4).dropLast(6))
        {
            self.init(
                .loopback(LoopbackAddress(port: port)), base: String(path.dropLast(6)),
                tokenPath: path)
        } else if name.hasPrefix("private-"), name.hasSuffix(".process") {
            self.init(private: String(name.dropLast(8)), in: directory)
        } else if name.hasSuffix(".sock") {
            let destination = FileSystem.linkDestination(path)
            guard let unix = try? UnixAddress(path: destination ?? path) else { return nil }
            self.init(
                .unix(unix), base: String(path.dropLast(5)),
                linkPath: destination == nil ? nil : path)
        } else {
            return nil
        }
    }

    /// A place of its own for a private server, which listens nowhere.
    init(privateIn directory: RuntimeDirectory) {
        var generator = SystemRandomNumberGenerator()
        self.init(private: "private-" + String(generator.next(), radix: 16), in: directory)
    }

    /// - Parameter name: of the server's files.
    private init(private name: String, in directory: RuntimeDirectory) {
        // No two processes start a server here: one lock will do for all such places.
        self.init(
            .inherited, base: directory.file(name), lockPath: directory.file("private.lock"))
    }

    /// Whether only the program that has started the server can connect to it.
    package var isPrivate: Bool { address == .inherited }

    /// Whether certainly no server is here.
    var isDead: Bool {
        guard isPrivate else { return address.isDead }
        return ServerRecord(path: recordPath)?.isAlive != true
    }

    /// What clients and server must know of each other; nil if there is no such file.
    func token() -> Token? {
        guard let tokenPath, let text = try? String(contentsOfFile: tokenPath, encoding: .utf8)
        else { return nil }
        return Token(text)
    }

    /// Makes what must be there before a server listens here. With the lock held.
    func prepare() throws {
        guard isDead else {
            throw ProxyError.serverUnavailable(
                "whoever listens at \(address) hangs up; it may have too many connections, or be no "
                    + "server")
        }
        // Left behind by a server that could not clean up.
        removeFiles()
        if let tokenPath {
            let file = try Descriptor(
                opening: tokenPath, flags: O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW)
            var text = Self.secret() + "\n" + Self.secret() + "\n"
            let isWritten = text.withUTF8 { write(file.number, $0.baseAddress, $0.count) > 0 }
            guard isWritten else { throw SystemError("writing \(tokenPath)") }
        }
        if let linkPath, case .unix(let socket) = address {
            guard symlink(socket.path, linkPath) == 0 else {
                throw SystemError("linking \(linkPath)")
            }
        }
    }

    /// Removes what a dead server has left, and ends the processes that it has left. With the lock held.
    func removeFiles() {
        ServerRecord(path: recordPath)?.endRemainingProcesses()
        address.unlink()
        for path in removedAtEnd { unlink(path) }
    }

    /// Removes what a server has left, if it is dead. Blocks while another client starts one.
    func removeRemains() {
        guard let lock = try? FileLock(path: lockPath) else { return }
        if isDead { removeFiles() }
        withExtendedLifetime(lock) {}
    }

    /// The files, beside the socket, that a server that ends in order takes with it.
    var removedAtEnd: [String] { [recordPath, logPath, tokenPath, linkPath].compactMap { $0 } }

    /// 256 random bits as text.
    private static func secret() -> String {
        var generator = SystemRandomNumberGenerator()
        return (0..<4).map { _ in
            let digits = String(generator.next(), radix: 16)
            return String(repeating: "0", count: 16 - digits.count) + digits
        }.joined()
    }
}
