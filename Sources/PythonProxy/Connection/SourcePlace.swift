/// Where something stands in the user's program, for messages.
enum SourcePlace {
    /// "Solver.swift:12".
    ///
    /// - Parameter fileID: module and file, "App/Solver.swift", or a path.
    static func name(_ fileID: StaticString, _ line: UInt) -> String {
        name(file: "\(fileID)", Int(clamping: line))
    }

    static func name(file: String, _ line: Int) -> String {
        "\(file.split(separator: "/").last ?? ""):\(line)"
    }
}
