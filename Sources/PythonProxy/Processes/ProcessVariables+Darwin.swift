#if canImport(Darwin)
    /// The environment variables that a process of this user was started with.
    enum ProcessVariables {
        /// Nil: the system tells them only to the process itself.
        static func of(_ process: Int32) -> [String: String]? { nil }
    }
#endif
