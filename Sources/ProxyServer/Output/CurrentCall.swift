#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#else
    import Darwin
#endif

/// The call that the current thread is running, so that what it writes can be attributed.
struct CurrentCall: Sendable {
    private let key: pthread_key_t

    init() {
        var key = pthread_key_t()
        pthread_key_create(&key, nil)
        self.key = key
    }

    /// Runs `body` as part of `call`.
    ///
    /// SAFETY: the pointer that is stored is valid until `body` has returned, and only this thread
    /// reads it.
    func run(_ call: QueuedCall, _ body: () -> Void) {
        var call = call
        withUnsafeMutablePointer(to: &call) {
            pthread_setspecific(key, $0)
            body()
            pthread_setspecific(key, nil)
        }
    }

    var value: QueuedCall? {
        pthread_getspecific(key)?.assumingMemoryBound(to: QueuedCall.self).pointee
    }
}
