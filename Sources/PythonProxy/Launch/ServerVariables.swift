/// The environment variables of a server, and those that servers are told apart by.
struct ServerVariables {
    /// What the server's process gets.
    let all: [String: String]
    /// "NAME=hash" of those that Python or its packages read when they start, and of those that the user has set
    /// for the server, in alphabetical order. The values themselves are nobody's business.
    let fingerprints: [String]

    private static let names: Set<String> = ["TZ", "LANG", "CUDA_VISIBLE_DEVICES"]
    private static let prefixes = ["PYTHON", "LD_", "DYLD_", "LC_", "OMP_", "MKL_", "OPENBLAS_"]

    /// - Parameters:
    ///   - inherited: those of this process.
    ///   - own: what the user has set for the server on top of them.
    init(inherited: [String: String], own: [String: String], hash: SipHash) {
        let all = inherited.merging(own) { $1 }.withoutPythonHome
        self.all = all
        fingerprints = all.filter { own[$0.key] != nil || Self.counts($0.key) }
            .map { name, value in
                "\(name)=" + String(hash(Array((name + "=" + value).utf8)), radix: 16)
            }
            .sorted()
    }

    private static func counts(_ name: String) -> Bool {
        names.contains(name) || prefixes.contains { name.hasPrefix($0) }
    }
}
