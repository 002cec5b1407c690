import Dispatch

#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#else
    import Darwin
#endif

/// SIGINT and SIGTERM, which end a command in order instead of at once.
struct EndSignals {
    /// An element for each that comes, from the end of `init` on.
    let stream: AsyncStream<Void>
    private let sources: [any DispatchSourceSignal]
    /// What the signals do.
    let end: AsyncStream<Void>.Continuation

    init() async {
        (stream, end) = AsyncStream.makeStream()
        var sources: [any DispatchSourceSignal] = []
        for number in [SIGINT, SIGTERM] {
            let source = DispatchSource.makeSignalSource(signal: number)
            source.setEventHandler { [end] in end.yield() }
            await withCheckedContinuation { registered in
                source.setRegistrationHandler { registered.resume() }
                source.activate()
            }
            #if canImport(Darwin)
                // On Linux the source itself takes the place of the default action.
                signal(number, SIG_IGN)
            #endif
            sources.append(source)
        }
        self.sources = sources
    }

    /// Signals have no effect any more.
    func cancel() {
        for source in sources { source.cancel() }
    }
}
