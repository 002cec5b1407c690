#if canImport(Darwin)
    /// Where a call is made.
    extension SourcePlace {
        /// Not known: Swift's backtraces need a later version of macOS than this package.
        nonisolated(nonsending) static func ofCaller() async -> String? { nil }

        /// Not known, as above.
        static func of(_ caller: ReturnAddresses) -> String? { nil }
    }
#endif
