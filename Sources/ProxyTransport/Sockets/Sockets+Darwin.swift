#if canImport(Darwin)
    import CPlatform
    import Darwin

    let sendFlags = MSG_DONTWAIT
    let receiveWithoutWaiting = MSG_DONTWAIT

    func newStreamSocket(family: Int32) -> Int32 {
        prepared(socket(family, SOCK_STREAM, 0))
    }

    func acceptConnection(_ listener: Int32) -> Int32 {
        prepared(accept(listener, nil, nil))
    }

    /// Sets what Linux takes as flags: close-on-exec, and an error instead of a SIGPIPE.
    private func prepared(_ socket: Int32) -> Int32 {
        guard socket >= 0 else { return socket }
        _ = cplatform_set_close_on_exec(socket, true)
        var on: Int32 = 1
        _ = setsockopt(
            socket, SOL_SOCKET, SO_NOSIGPIPE, &on, socklen_t(MemoryLayout<Int32>.size))
        return socket
    }
#endif
