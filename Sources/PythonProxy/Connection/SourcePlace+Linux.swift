#if os(Linux)
    import Foundation
    import ProxyTransport
    import Runtime

    /// Where a call is made.
    extension SourcePlace {
        private static let deepestFrame = 64
        /// How mangled names of this package begin.
        private static let ownPrefix = "$s11PythonProxy"
        /// Where the sources of this package are.
        private static let ownFolder =
            #filePath.split(
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

        /// What has been found: a program that goes on after an error may meet it many times.
        private static let known = ConditionMutex<[[UInt]: String?]>([:])
        private static let mostKnown = 1000

        /// The innermost line that is not this package's: "Solver.swift:12".
        ///
        /// Takes milliseconds when it is new, and needs the debug information of the program.
        ///
        /// - Returns: nil if it cannot be found out.
        static func of(_ caller: ReturnAddresses) -> String? {
            let addresses = caller.all
            if let place = known.withLock({ $0[addresses] }) { return place }
            let frames = addresses.map {
                Backtrace.Frame.returnAddress(Backtrace.Address(UInt64($0)))
            }
            let place = backtrace(of: frames).flatMap(innermost)
            known.withLock {
                if $0.count >= mostKnown { $0 = [:] }
                $0[addresses] = .some(place)
            }
            return place
        }

        private static func innermost(of backtrace: Backtrace) -> String? {
            let images = ImageMap.capture()
            // Names come from the table of symbols; a line takes the whole table of lines of a module.
            let names = backtrace.symbolicated(with: images, options: .useSymbolCache)?.frames
            for frame in names ?? [] where frame.symbol?.rawName.hasPrefix(ownPrefix) == false {
                if let place = place(of: frame, images) { return place }
            }
            return nil
        }

        private static func place(
            of frame: SymbolicatedBacktrace.Frame, _ images: ImageMap
        ) -> String? {
            guard let backtrace = backtrace(of: [frame.captured]),
                let lines = backtrace.symbolicated(
                    with: images, options: [.showSourceLocations, .useSymbolCache]),
                let location = lines.frames.first?.symbol?.sourceLocation, location.line > 0,
                // Extensions of other modules' types have names that begin with those.
                !location.path.hasPrefix(ownFolder)
            else { return nil }
            return name(file: location.path, location.line)
        }

        /// A backtrace of frames that have been captured before. Only by decoding one can it be made, from Swift's
        /// Compact Backtrace Format (docs/CompactBacktraceFormat.md in the repository of Swift).
        private static func backtrace(of frames: [Backtrace.Frame]) -> Backtrace? {
            struct Encoded: Encodable {
                let architecture: String
                let backtrace: Data
            }
            // Version 0, 64 bits.
            var bytes: [UInt8] = [0x02]
            // Each instruction is followed by an absolute address of eight bytes.
            func append(_ instruction: UInt8, _ address: Backtrace.Address) {
                bytes.append(instruction)
                withUnsafeBytes(of: (UInt64(address) ?? 0).bigEndian) { bytes += $0 }
            }
            for frame in frames {
                switch frame {
                case .programCounter(let address): append(0x1f, address)
                case .returnAddress(let address): append(0x2f, address)
                case .asyncResumePoint(let address): append(0x3f, address)
                case .omittedFrames, .truncated: break
                @unknown default: break
                }
            }
            bytes.append(0)
            guard let here = try? Backtrace.capture(algorithm: .fast, limit: 1) else { return nil }
            let encoded = Encoded(architecture: here.architecture, backtrace: Data(bytes))
            return try? JSONDecoder().decode(Backtrace.self, from: JSONEncoder().encode(encoded))
        }
    }
#endif
