import Foundation

/// A package whose modules import each other at random, none an earlier one.
struct RandomProject: Sendable {
    let imports: [[Int]]
    private(set) var versions: [Int]
    /// The module that was edited last.
    private(set) var last = 0
    private var usesNumpy: [Bool]

    init(moduleCount: Int) {
        imports = (0..<moduleCount).map { number in
            Set((0..<3).map { _ in Int.random(in: 0..<max(number, 1)) }).filter { $0 < number }
                .sorted()
        }
        versions = Array(repeating: 0, count: moduleCount)
        usesNumpy = (0..<moduleCount).map { _ in Bool.random() }
    }

    func write(to folder: String) throws {
        let package = folder + "/project"
        try FileManager.default.createDirectory(atPath: package, withIntermediateDirectories: true)
        try "".write(toFile: package + "/__init__.py", atomically: true, encoding: .utf8)
        for number in versions.indices { try write(number, in: folder) }
        let names = versions.indices.map { "m\($0)" }.joined(separator: ", ")
        try """
        import time
        from project import \(names)
        MODULES = [\(names)]
        def versions(): return [m.VERSION for m in MODULES]
        def version_of(number): return MODULES[number].version()
        def mixtures():
            before = versions()
            wrong = [text for m in MODULES for text in m.mixtures()]
            time.sleep(0.0005)
            if versions() != before: wrong.append("versions have changed during a call")
            return wrong
        """.write(toFile: package + "/top.py", atomically: true, encoding: .utf8)
    }

    /// Saves another version of some module, in some way.
    ///
    /// - Returns: the version.
    mutating func editRandomly(in folder: String) throws -> Int {
        last = Int.random(in: versions.indices)
        // Some edits change bodies of functions only, so that nothing is executed again.
        if Int.random(in: 0..<3) > 0 { versions[last] += 1 } else { usesNumpy[last].toggle() }
        try write(last, in: folder)
        return versions[last]
    }

    private func write(_ number: Int, in folder: String) throws {
        let version = versions[number]
        let imported = imports[number]
        var text = ""
        if usesNumpy[number] { text += "import numpy\n" }
        for other in imported {
            text += "from project import m\(other)\n"
            text += "from project.m\(other) import VERSION as V\(other), version as f\(other)\n"
        }
        let copies = imported.map {
            "(\"m\(number) of m\($0)\", V\($0) == m\($0).VERSION == f\($0)() == m\($0).version())"
        }
        text += """
            VERSION = \(version)
            SUM = VERSION + sum([\(imported.map { "m\($0).SUM" }.joined(separator: ", "))])
            def version(): return \(version)
            class Thing:
                def version(self): return \(version)
            THING = Thing()
            def mixtures():
                checks = [\(copies.joined(separator: ", "))]
                checks.append(("m\(number)", VERSION == version() == THING.version() == \(version)))
                total = VERSION + sum([\(imported.map { "m\($0).SUM" }.joined(separator: ", "))])
                checks.append(("the sum of m\(number)", SUM == total))
                checks.append(("the thing of m\(number)", isinstance(THING, Thing)))
                return [text for text, is_right in checks if not is_right]

            """
        let path = "\(folder)/project/m\(number).py"
        try text.write(toFile: path, atomically: Bool.random(), encoding: .utf8)
    }
}
