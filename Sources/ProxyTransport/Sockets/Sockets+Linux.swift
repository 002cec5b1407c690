#if os(Linux)
    import CPlatform

    #if canImport(Glibc)
        import Glibc
    #else
        import Musl
    #endif

    /// Sending to a closed socket must be an error, not a SIGPIPE.
    let sendFlags = Int32(MSG_NOSIGNAL) | Int32(MSG_DONTWAIT)
    let receiveWithoutWaiting = Int32(MSG_DONTWAIT)

    func newStreamSocket(family: Int32) -> Int32 {
        socket(
            family, Int32(SOCK_STREAM.rawValue) | Int32(SOCK_CLOEXEC.rawValue), 0)
    }

    func acceptConnection(_ listener: Int32) -> Int32 { cplatform_accept(listener) }
#endif
