import ProxyWire

#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#else
    import Darwin
#endif

/// Sends for all channels of the process what their sockets have not taken at once, on one thread.
///
/// The thread starts with the first such rest, and then waits for the next.
final class OutboundFlusher: Sendable {
    static let shared = OutboundFlusher()

    private struct State {
        /// Channels that the thread does not know yet.
        var added: [Channel] = []
        /// Written to when channels have been added.
        var wakeDescriptor: Int32?
    }

    private let state = ConditionMutex(State())

    /// Sends what waits in a channel. The caller may hold the channel's lock.
    ///
    /// - Returns: false if there is no thread to do it.
    func flush(_ channel: Channel) -> Bool {
        state.withLock { state in
            if state.wakeDescriptor == nil { state.wakeDescriptor = start() }
            guard let descriptor = state.wakeDescriptor else { return false }
            state.added.append(channel)
            var byte: UInt8 = 0
            _ = write(descriptor, &byte, 1)
            return true
        }
    }

    private func start() -> Int32? {
        do throws(SystemError) {
            let wake = try PipeEnds().release()
            try NativeThread.start { [self] in work(wake.reading) }
            return wake.writing
        } catch {
            return nil
        }
    }

    private func work(_ wakeDescriptor: Int32) {
        var channels: [Channel] = []
        while true {
            var polled = channels.map {
                pollfd(fd: $0.number, events: Int16(POLLOUT), revents: 0)
            }
            polled.append(pollfd(fd: wakeDescriptor, events: Int16(POLLIN), revents: 0))
            _ = retryingInterruptions { poll(&polled, nfds_t(polled.count), -1) }
            var rest: [Channel] = []
            for (index, channel) in channels.enumerated()
            where polled[index].revents == 0 || !channel.flush() {
                rest.append(channel)
            }
            if polled[channels.count].revents != 0 { rest += takeAdded(wakeDescriptor) }
            channels = rest
        }
    }

    private func takeAdded(_ wakeDescriptor: Int32) -> [Channel] {
        var bytes: UInt64 = 0
        _ = read(wakeDescriptor, &bytes, MemoryLayout<UInt64>.size)
        return state.withLock { state in
            defer { state.added = [] }
            return state.added
        }
    }
}
