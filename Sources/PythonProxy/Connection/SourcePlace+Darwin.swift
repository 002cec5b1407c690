#if canImport(Darwin)
    /// Where in the user's program a call is made.
    enum SourcePlace {
        /// Not known: Swift's backtraces need a later version of macOS than this package.
        nonisolated(nonsending) static func ofCaller() async -> String? { nil }
    }
#endif
