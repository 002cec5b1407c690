#if os(Linux)
    import Foundation
    import ProxyTransport
    import Runtime

    /// Where a call is made.
    extension SourcePlace {
        private static let deepestFrame = 64
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
            let backtrace = try? Backtrace.capture(algorithm: .fast, limit: deepestFrame)
            return backtrace.flatMap { innermost(of: Array($0.frames)) }
        }

        /// The innermost line that is not this package's: "Solver.swift:12".
        ///
        /// Takes milliseconds for what is new, and needs the debug information of the program.
        ///
        /// - Returns: nil if it cannot be found out.
        static func of(_ caller: ReturnAddresses) -> String? {
            innermost(of: caller.all.map { .returnAddress(Backtrace.Address(UInt64($0))) })
        }

        private static func innermost(of frames: [Backtrace.Frame]) -> String? {
            // Only for what is new.
            lazy var images = ImageMap.capture()
            for frame in frames {
                if let place = place(of: frame, images) { return place }
            }
            return nil
        }

        /// What has been found by address; nil: no line, or one of this package. Finding one takes the whole table of
        /// lines of a module, and the lines of this package are the same each time.
        private static let known = ConditionMutex<[UInt64: String?]>([:])
        private static let mostKnown = 10_000

        private static func place(
            of frame: Backtrace.Frame, _ images: @autoclosure () -> ImageMap
        ) -> String? {
            let address = UInt64(frame.originalProgramCounter) ?? 0
            if let place = known.withLock({ $0[address] }) { return place }
            let place = foundPlace(of: frame, images())
            known.withLock {
                if $0.count >= mostKnown { $0 = [:] }
                $0[address] = .some(place)
            }
            return place
        }

        private static func foundPlace(of frame: Backtrace.Frame, _ images: ImageMap) -> String? {
            guard let backtrace = backtrace(of: [frame]),
                let lines = backtrace.symbolicated(
                    with: images, options: [.showSourceLocations, .useSymbolCache]),
                let location = lines.frames.first?.symbol?.sourceLocation, location.line > 0,
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
