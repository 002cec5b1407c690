/// Where an interpreter's shared library may be.
enum LibpythonSearch {
    /// Absolute paths, the interpreter's own word first.
    ///
    /// - Parameter facts: the answers of the probe, with Python's names for configuration variables.
    static func candidates(_ facts: [String: String]) -> [String] {
        func fact(_ name: String) -> String? {
            facts[name].flatMap { $0.isEmpty ? nil : $0 }
        }
        let version = (fact("version") ?? "").split(separator: ".").prefix(2)
            .joined(separator: ".")
        let flags = fact("abiflags") ?? ""
        let folders = [
            fact("PYTHONFRAMEWORKPREFIX"), fact("LIBDIR"),
            fact("LIBDIR").flatMap { folder in fact("MULTIARCH").map { folder + "/" + $0 } },
            fact("basePrefix").map { $0 + "/lib" }, fact("LIBPL"),
        ].compactMap { $0 }
        let names = [
            fact("INSTSONAME"), fact("LDLIBRARY"),
            "libpython\(version)\(flags).so.1.0", "libpython\(version)\(flags).so",
            "libpython\(version)\(flags).dylib",
        ].compactMap { $0 }.filter { !$0.hasSuffix(".a") }
        var seen: Set<String> = []
        return folders.flatMap { folder in names.map { folder + "/" + $0 } }
            .filter { seen.insert($0).inserted }
    }
}
