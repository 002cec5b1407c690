import Foundation
import Logging
import ProxyTransport
import ProxyWire
import Synchronization

/// A connection to a server: many calls at a time, each from its own task.
///
/// The caller's thread encodes and writes. One thread of ours reads, and resumes who waits; but where
/// answers come quickly, the caller looks for its own for a moment first, and no thread has to be woken.
///
/// Calls are encoded only when the server has room for them; until then their callers are suspended.
final class Connection: Sendable {
    typealias Waiter = ConnectionState.Waiter

    let welcome: Welcome
    /// The server's process, if this client has started it.
    let started: ChildProcess?
    let channel: Channel
    let place: ServerPlace
    /// Open while the connection is, because the file loses its name when the server dies.
    let log: Descriptor?
    let events: ServerEvents
    let logger: Logger
    let state: ConditionMutex<ConnectionState>
    let closed = ConditionMutex(false)
    let limits: Limits
    let lender: SegmentPool?
    /// Beside this one, for what must not wait behind calls; nil if this one is used for that, too.
    let control: Connection?
    /// Objects that are no longer used, and how often, until the server is told.
    let dropped = ConditionMutex(DroppedObjects())
    /// Whether there are any: looking at this takes less time than the lock.
    let hasDropped = Atomic(false)
    /// Of the caller that looks: there is one at a time.
    let answer = ConnectionState.Answer()

    init(
        _ established: EstablishedConnection, events: ServerEvents, logger: Logger
    ) throws {
        let place = established.place
        self.events = events
        self.logger = logger
        channel = established.channel
        welcome = established.welcome
        started = established.started
        limits = established.limits.bounded(by: established.welcome.limits)
        state = ConditionMutex(ConnectionState(calls: CallTable(limits: limits)))
        self.place = place
        do { log = try Descriptor(opening: place.logPath, flags: O_RDONLY | O_NOFOLLOW) } catch {
            // A server that was started by hand may have none.
            log = nil
        }
        channel.open(accepting: established.limits, sending: limits, isolatesWrites: false)
        lender = channel.lender
        control = try established.control.map {
            try Connection($0.connection, events: ServerEvents(), logger: logger)
        }
        try NativeThread.start { [self] in readUntilEnd() }
    }

    /// Whether calls can be made.
    var isOpen: Bool { state.withLock { $0.calls.isOpen && !$0.isRetired } }

    /// Why the server died, if it did not end in order.
    var crash: ProxyError? {
        state.withLock { state in
            if case .serverCrashed? = state.calls.closingError {
                state.calls.closingError
            } else {
                nil
            }
        }
    }

    /// Closes the connection; the server goes on.
    func close() {
        control?.close()
        state.withLock { $0.isClosedByUser = true }
        channel.close()
    }

    /// Blocks until the server has answered all calls, also those that were cancelled.
    func waitUntilSettled() { state.wait { $0.calls.isSettled ? () : nil } }

    /// Blocks until the connection has ended.
    func waitUntilClosed() { closed.wait { $0 ? () : nil } }
}

extension Connection: CustomReflectable {
    /// Nothing of it is useful in a dump of an object.
    var customMirror: Mirror { Mirror(self, children: []) }
}
