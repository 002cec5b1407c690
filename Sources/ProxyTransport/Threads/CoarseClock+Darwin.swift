#if canImport(Darwin)
    /// A clock that goes on every few milliseconds, and takes no time to read.
    package enum CoarseClock {
        private static let step: UInt64 = 2_000_000

        /// In nanoseconds; only ever compared.
        package static var now: UInt64 { AdaptiveSpin.now / step * step }
    }
#endif
