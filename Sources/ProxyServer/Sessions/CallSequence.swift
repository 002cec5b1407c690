import Synchronization

/// Tells a call that may come after something else that its client did, such as saving a file, from the next
/// one of a client that does nothing but call.
///
/// Asking the system whether files have changed takes 0.3 us, a part of an echo call that could be measured; so
/// it is asked only about the former.
struct CallSequence: ~Copyable, Sendable {
    /// An answer reaches the client, which sends the next call, in about 7 us. The quickest way to save a file,
    /// renaming one, took 23 us where that was measured.
    private static let longestTurn: UInt64 = 15_000

    private let received = Atomic<Int>(0)
    private let answered = Atomic<Int>(0)
    private let lastAnswer = Atomic<UInt64>(0)
    /// The client has made several calls at a time: any call may be that of a task that has done something
    /// else while another one was answered.
    private let hasOverlapped = Atomic<Bool>(false)

    /// An answer is about to be sent. On any thread.
    ///
    /// - Parameter now: on the clock of `AdaptiveSpin.now`.
    func answers(at now: UInt64) {
        lastAnswer.store(now, ordering: .relaxed)
        answered.add(1, ordering: .relaxed)
    }

    /// Calls have come. For the holder of the reading role, as what follows.
    func arrived(_ count: Int) {
        guard count > 0 else { return }
        let before = received.add(count, ordering: .relaxed).oldValue
        if count > 1 || before > answered.load(ordering: .relaxed) {
            hasOverlapped.store(true, ordering: .relaxed)
        }
    }

    /// Whether the client may have done something else before the calls that have just come.
    func mayFollowASave(at now: UInt64) -> Bool {
        hasOverlapped.load(ordering: .relaxed)
            || now > lastAnswer.load(ordering: .relaxed) + Self.longestTurn
    }
}
