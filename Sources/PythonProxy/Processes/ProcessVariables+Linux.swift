#if os(Linux)
    import Foundation

    /// The environment variables that a process of this user was started with.
    enum ProcessVariables {
        /// Nil if the system does not tell.
        static func of(_ process: Int32) -> [String: String]? {
            guard let file = FileHandle(forReadingAtPath: "/proc/\(process)/environ"),
                let bytes = try? file.readToEnd()
            else { return nil }
            var variables: [String: String] = [:]
            for entry in bytes.split(separator: 0) {
                let text = String(decoding: entry, as: UTF8.self)
                guard let sign = text.firstIndex(of: "=") else { continue }
                variables[String(text[..<sign])] = String(text[text.index(after: sign)...])
            }
            return variables
        }
    }
#endif
