import ProxyWire

/// Sending what the socket has not taken at once.
extension Channel {
    /// Lets the flusher send what waits. Under the lock of `outbound`.
    func flushLater(_ outbound: inout Outbound) {
        guard !outbound.isFlushing else { return }
        outbound.isFlushing = OutboundFlusher.shared.flush(self)
        // Without the thread the rest would never leave: the peer sees the end instead.
        if !outbound.isFlushing { close(&outbound) }
    }

    /// Sends what the socket takes now. For the flusher.
    ///
    /// - Returns: whether nothing is left that waits.
    func flush() -> Bool {
        outbound.signal { outbound in
            flushAvailable(&outbound)
            guard outbound.waiting.isEmpty else { return false }
            outbound.isFlushing = false
            if outbound.isFinished { close(&outbound) }
            return true
        }
    }

    private func flushAvailable(_ outbound: inout Outbound) {
        while let first = outbound.waiting.first {
            let rest = UnsafeRawBufferPointer(rebasing: first.frame.bytes[outbound.sentOfFirst...])
            let passed = outbound.sentOfFirst == 0 ? first.passed : nil
            guard let count = transmit(rest, passing: passed) else { return close(&outbound) }
            outbound.waitingBytes -= count
            outbound.sentOfFirst += count
            if count < rest.count { return }
            outbound.waiting.removeFirst()
            outbound.sentOfFirst = 0
        }
    }
}
