#if os(Linux)
    import Runtime

    /// Where a call is made.
    extension SourcePlace {
        private static let deepestFrame = 64
        /// How mangled names of this package begin.
        private static let ownPrefix = "$s11PythonProxy"

        /// The innermost line of the current task that is not this package's: "Solver.swift:12".
        ///
        /// Takes milliseconds, and needs the debug information of the program.
        ///
        /// - Returns: nil if it cannot be found out.
        nonisolated(nonsending) static func ofCaller() async -> String? {
            // Only of a function that has been resumed the callers are found.
            await Task.yield()
            return innermost()
        }

        @inline(never)
        private static func innermost() -> String? {
            // The only algorithm that follows tasks.
            guard
                let backtrace = try? Backtrace.capture(algorithm: .fast, limit: deepestFrame),
                let symbolicated = backtrace.symbolicated()
            else { return nil }
            for frame in symbolicated.frames {
                guard let symbol = frame.symbol, !symbol.rawName.hasPrefix(ownPrefix),
                    let location = symbol.sourceLocation, location.line > 0
                else { continue }
                return name(file: location.path, location.line)
            }
            return nil
        }
    }
#endif
