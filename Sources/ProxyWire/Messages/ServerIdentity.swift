/// Everything that makes one server a different server from another.
///
/// A client joins a running server only if all of it is equal. Paths are real paths: absolute, with
/// symbolic links resolved, except for the interpreter's, whose place decides the environment.
package struct ServerIdentity: Sendable, Equatable {
    /// The interpreter's executable, inside its virtual environment.
    package var interpreter: String
    /// The file that the interpreter's path finally leads to.
    package var baseInterpreter: String
    package var service: String?
    /// Folders on `sys.path`, in this order before the others.
    package var path: [String]
    package var workingDirectory: String
    /// Tells servers apart that are otherwise the same.
    package var port: Int
    package var autoreload: Bool
    package var captureOutput: Bool
    /// The server executable: path, size and modification time.
    package var build: String
    /// The packages that clients may call; empty for all.
    package var exposed: [String]
    /// The address that the user has chosen; empty for a socket in the runtime directory.
    package var url: String
    /// Patterns of files beside the code whose change matters.
    package var dataFiles: [String]
    /// How many calls run at the same time.
    package var maximumConcurrentCalls: Int
    /// Environment variables that matter, as "NAME=" and a hash of the value.
    package var environment: [String]

    package init(
        interpreter: String, baseInterpreter: String, service: String?, path: [String],
        workingDirectory: String, port: Int, autoreload: Bool, captureOutput: Bool, build: String,
        exposed: [String] = [], url: String = "", dataFiles: [String] = [],
        maximumConcurrentCalls: Int = 256, environment: [String] = []
    ) {
        self.interpreter = interpreter
        self.baseInterpreter = baseInterpreter
        self.service = service
        self.path = path
        self.workingDirectory = workingDirectory
        self.port = port
        self.autoreload = autoreload
        self.captureOutput = captureOutput
        self.build = build
        self.exposed = exposed
        self.url = url
        self.dataFiles = dataFiles
        self.maximumConcurrentCalls = maximumConcurrentCalls
        self.environment = environment
    }

    private var fields: [(name: String, value: String)] {
        [
            ("interpreter", interpreter), ("baseInterpreter", baseInterpreter),
            ("service", service ?? ""), ("path", path.joined(separator: "\n")),
            ("workingDirectory", workingDirectory), ("port", String(port)),
            ("autoreload", String(autoreload)), ("captureOutput", String(captureOutput)),
            ("build", build), ("expose", exposed.joined(separator: ",")), ("url", url),
            ("dataFiles", dataFiles.joined(separator: "\n")),
            ("maximumConcurrentCalls", String(maximumConcurrentCalls)),
            ("environment", environment.joined(separator: "\n")),
            ("protocol", String(ProtocolVersion.current)),
        ]
    }

    /// A short name for files: 16 hexadecimal digits, the FNV-1a hash of all fields.
    ///
    /// A collision does no harm: the handshake compares the fields themselves.
    package var fingerprint: String {
        Self.fingerprint(of: fields.map { "\($0.name)=\($0.value)\u{0}" }.joined())
    }

    /// A short name for files that stands for a text.
    package static func fingerprint(of text: String) -> String {
        var hash: UInt64 = 0xCBF2_9CE4_8422_2325
        for byte in text.utf8 { hash = (hash ^ UInt64(byte)) &* 0x100_0000_01B3 }
        let digits = String(hash, radix: 16)
        return String(repeating: "0", count: 16 - digits.count) + digits
    }

    /// The fields in which the other identity differs, as "name: this, not that".
    package func differences(from other: ServerIdentity) -> [String] {
        differingFields(from: other).map { name, mine, others in
            // Of variables only the names are shown.
            name == "environment"
                ? "variables: " + variables(differingFrom: other).joined(separator: ", ")
                : "\(name): \(mine), not \(others)"
        }
    }

    /// The names of the fields in which the other identity differs; of variables, their own names.
    package func namesOfDifferences(from other: ServerIdentity) -> [String] {
        differingFields(from: other).flatMap { name, _, _ in
            name == "environment" ? variables(differingFrom: other) : [name]
        }
    }

    /// The names of the environment variables that matter, in alphabetical order.
    package var variables: [String] { Self.names(environment) }

    private func variables(differingFrom other: ServerIdentity) -> [String] {
        Self.names(Set(environment).symmetricDifference(other.environment))
    }

    private static func names(_ environment: some Sequence<String>) -> [String] {
        Set(environment.map { String($0.prefix { $0 != "=" }) }).sorted()
    }

    private func differingFields(
        from other: ServerIdentity
    ) -> [(name: String, mine: String, others: String)] {
        zip(fields, other.fields).filter { $0.value != $1.value }
            .map { ($0.name, $0.value, $1.value) }
    }

    func write(to writer: borrowing CBORWriter) {
        writer.map(count: fields.count)
        for (name, value) in fields {
            writer.text(name)
            writer.text(value)
        }
    }

    init(from reader: inout CBORReader) throws(WireError) {
        var values: [String: String] = [:]
        try reader.fields { (reader, key) throws(WireError) in values[key] = try reader.text() }
        func lines(_ key: String) -> [String] {
            (values[key] ?? "").split(separator: "\n").map(String.init)
        }
        func optional(_ key: String) -> String? {
            values[key].flatMap { $0.isEmpty ? nil : $0 }
        }
        self.init(
            interpreter: values["interpreter"] ?? "",
            baseInterpreter: values["baseInterpreter"] ?? "",
            service: optional("service"), path: lines("path"),
            workingDirectory: values["workingDirectory"] ?? "",
            port: Int(values["port"] ?? "") ?? 0,
            autoreload: values["autoreload"] == "true",
            captureOutput: values["captureOutput"] == "true",
            build: values["build"] ?? "",
            exposed: (values["expose"] ?? "").split(separator: ",").map(String.init),
            url: values["url"] ?? "",
            dataFiles: lines("dataFiles"),
            maximumConcurrentCalls: Int(values["maximumConcurrentCalls"] ?? "") ?? 0,
            environment: lines("environment"))
    }
}
