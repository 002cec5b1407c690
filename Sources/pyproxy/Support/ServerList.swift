import Foundation
import PythonProxy

/// Servers for people and for programs.
struct ServerList {
    let servers: [FoundServer]
    var showsObjects = false

    func text(_ style: Style) -> String {
        guard !servers.isEmpty else { return "no server runs" }
        return servers.map { text(of: $0, style) }.joined(separator: "\n")
    }

    private func text(of server: FoundServer, _ style: Style) -> String {
        let process = server.processIdentifier.map(String.init) ?? "?"
        if server.isPrivate {
            return style.bold(process) + "  private to the program that has started it"
        }
        guard let status = server.status else {
            return style.bold(process) + "  does not answer  \(server.place.address)"
        }
        let identity = status.identity
        var facts = [
            "up " + Self.duration(status.milliseconds), Self.size(status.memory),
            Self.count(status.clients.count, "client"), Self.count(status.calls.count, "call"),
            "Python \(status.pythonVersion)", identity.interpreter,
        ]
        if let service = identity.service { facts.append("service \(service)") }
        if !identity.exposed.isEmpty {
            facts.append("only " + identity.exposed.joined(separator: ", "))
        }
        if status.endsWithLastClient { facts.append("ends with its last client") }
        var lines = [style.bold(process) + "  " + facts.joined(separator: "  ")]
        lines.append("    at \(server.place.address)")
        // A terminal and a scheduled job, say, have other variables.
        for other in servers {
            guard let difference = server.difference(from: other) else { continue }
            lines.append(
                "    differs from \(other.processIdentifier.map(String.init) ?? "?") in "
                    + difference.joined(separator: ", "))
        }
        for client in status.clients {
            lines.append(
                "    client \(client.session)  \(client.name)  "
                    + Self.duration(client.milliseconds))
        }
        for call in status.calls {
            lines.append(
                "    call \(call.session).\(call.callID)  " + style.bold(call.function)
                    + "  " + Self.duration(call.milliseconds))
            lines += call.stack.map { style.dim("        \($0)") }
        }
        if showsObjects {
            for count in status.objects {
                lines.append(
                    "    objects of \(count.session)  \(count.count) \(style.bold(count.className))"
                        + (count.place.map { "  made at \($0)" } ?? ""))
            }
        }
        if !status.emergencyStacks.isEmpty {
            lines.append("    Python does not let go of its lock; its fault handler says:")
            lines += status.emergencyStacks.split(separator: "\n").map {
                style.dim("        \($0)")
            }
        }
        return lines.joined(separator: "\n")
    }

    var json: String {
        let list = servers.map { server in
            Server(
                process: server.processIdentifier, address: "\(server.place.address)",
                log: server.place.logPath, answers: server.status != nil,
                private: server.isPrivate,
                python: server.status?.pythonVersion,
                interpreter: server.status?.identity.interpreter,
                service: server.status?.identity.service,
                workingDirectory: server.status?.identity.workingDirectory,
                exposed: server.status?.identity.exposed,
                endsWithLastClient: server.status?.endsWithLastClient,
                uptimeSeconds: server.status.map { Double($0.milliseconds) / 1000 },
                memoryBytes: server.status?.memory,
                clients: server.status?.clients.map { .init(session: $0.session, name: $0.name) },
                calls: server.status?.calls.map {
                    .init(
                        call: "\($0.session).\($0.callID)", function: $0.function,
                        seconds: Double($0.milliseconds) / 1000, stack: $0.stack)
                },
                objects: server.status?.objects.map {
                    .init(
                        session: $0.session, className: $0.className, place: $0.place,
                        count: $0.count)
                })
        }
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.prettyPrinted, .sortedKeys, .withoutEscapingSlashes]
        let data = (try? encoder.encode(list)) ?? Data("[]".utf8)
        return String(decoding: data, as: UTF8.self)
    }

    private struct Server: Encodable {
        struct Client: Encodable {
            let session: UInt64
            let name: String
        }

        struct Call: Encodable {
            let call: String
            let function: String
            let seconds: Double
            let stack: [String]
        }

        struct Objects: Encodable {
            let session: UInt64
            let className: String
            let place: String?
            let count: Int

            private enum CodingKeys: String, CodingKey {
                case session, place, count
                case className = "class"
            }
        }

        let process: Int32?
        let address: String
        let log: String
        let answers: Bool
        let `private`: Bool
        let python: String?
        let interpreter: String?
        let service: String?
        let workingDirectory: String?
        let exposed: [String]?
        let endsWithLastClient: Bool?
        let uptimeSeconds: Double?
        let memoryBytes: UInt64?
        let clients: [Client]?
        let calls: [Call]?
        let objects: [Objects]?
    }

    private static func count(_ number: Int, _ noun: String) -> String {
        "\(number) \(noun)\(number == 1 ? "" : "s")"
    }

    private static func duration(_ milliseconds: UInt64) -> String {
        let seconds = milliseconds / 1000
        if seconds < 10 { return String(format: "%.1f s", Double(milliseconds) / 1000) }
        if seconds < 120 { return "\(seconds) s" }
        if seconds < 7200 { return "\(seconds / 60) min" }
        return "\(seconds / 3600) h \(seconds % 3600 / 60) min"
    }

    private static func size(_ bytes: UInt64) -> String { "\(bytes >> 20) MB" }
}
