#if os(Linux)
    import Foundation
    import Runtime

    /// Where a call is made.
    extension SourcePlace {
        private static let deepestFrame = 64
        /// Where the sources of this package are.
        private static let ownFolder = #filePath.split(
            separator: "/", omittingEmptySubsequences: false
        ).dropLast(2).joined(separator: "/") + "/"

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
            (try? Backtrace.capture(algorithm: .fast, limit: deepestFrame)).flatMap(innermost)
        }

        /// The innermost line that is not this package's: "Solver.swift:12".
        ///
        /// Takes milliseconds, and needs the debug information of the program.
        ///
        /// - Returns: nil if it cannot be found out.
        static func of(_ caller: ReturnAddresses) -> String? {
            backtrace(caller.all).flatMap(innermost)
        }

        private static func innermost(of backtrace: Backtrace) -> String? {
            guard let symbolicated = backtrace.symbolicated() else { return nil }
            for frame in symbolicated.frames {
                guard let location = frame.symbol?.sourceLocation, location.line > 0,
                    !location.path.hasPrefix(ownFolder)
                else { continue }
                return name(file: location.path, location.line)
            }
            return nil
        }

        /// A backtrace of addresses that have been taken before. Only by decoding one can it be made, from Swift's
        /// Compact Backtrace Format (docs/CompactBacktraceFormat.md in the repository of Swift).
        private static func backtrace(_ addresses: [UInt]) -> Backtrace? {
            struct Encoded: Encodable {
                let architecture: String
                let backtrace: Data
            }
            // Version 0, 64 bits.
            var bytes: [UInt8] = [0x02]
            for address in addresses {
                // A return address, absolute, in eight bytes.
                bytes.append(0x2f)
                withUnsafeBytes(of: UInt64(address).bigEndian) { bytes += $0 }
            }
            bytes.append(0)
            guard let here = try? Backtrace.capture(algorithm: .fast, limit: 1) else { return nil }
            let encoded = Encoded(architecture: here.architecture, backtrace: Data(bytes))
            return try? JSONDecoder().decode(Backtrace.self, from: JSONEncoder().encode(encoded))
        }
    }
#endif
