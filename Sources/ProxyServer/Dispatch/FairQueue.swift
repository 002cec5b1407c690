import DequeModule

/// Something that belongs to a client's session.
protocol SessionBound {
    var sessionID: UInt64 { get }
}

/// Calls that wait, in a lane for each session: sessions take turns, calls of one session keep their order.
struct FairQueue<Call: SessionBound> {
    private struct Lane {
        let session: UInt64
        var calls: Deque<Call>
    }

    private var lanes: [Lane] = []
    /// The position of the lane whose turn it is.
    private var turn = 0
    private var paused: Set<UInt64> = []
    private(set) var count = 0

    /// Empty lanes are kept for the next call, up to this number.
    private static var keptLanes: Int { 8 }

    var isEmpty: Bool { count == 0 }
    /// Whether nothing waits but calls of paused sessions.
    var isIdle: Bool {
        count == 0 || lanes.allSatisfy { $0.calls.isEmpty || paused.contains($0.session) }
    }

    mutating func append(_ call: Call) {
        lanes[lane(of: call.sessionID)].calls.append(call)
        count += 1
    }

    /// Puts a call back to where it came from.
    mutating func prepend(_ call: Call) {
        lanes[lane(of: call.sessionID)].calls.prepend(call)
        count += 1
    }

    /// Calls of a session stay where they are until it is resumed.
    mutating func pause(_ session: UInt64) { paused.insert(session) }
    mutating func resume(_ session: UInt64) { paused.remove(session) }

    /// The next call of the session whose turn it is.
    ///
    /// - Parameter condition: of the session and the number of its calls that wait.
    mutating func popFirst(
        where condition: (_ session: UInt64, _ count: Int) -> Bool = { _, _ in true }
    ) -> Call? {
        guard let index = nextLane(where: condition) else { return nil }
        let call = lanes[index].calls.popFirst()
        count -= 1
        if lanes[index].calls.isEmpty, lanes.count > Self.keptLanes {
            lanes.remove(at: index)
            turn = index
        } else {
            turn = index + 1
        }
        return call
    }

    private func nextLane(where condition: (UInt64, Int) -> Bool) -> Int? {
        guard count > 0 else { return nil }
        for offset in 0..<lanes.count {
            let index = (turn + offset) % lanes.count
            let lane = lanes[index]
            if !lane.calls.isEmpty, paused.isEmpty || !paused.contains(lane.session),
                condition(lane.session, lane.calls.count)
            {
                return index
            }
        }
        return nil
    }

    /// Takes away the calls that meet a condition.
    mutating func remove(where condition: (Call) -> Bool) -> [Call] {
        guard count > 0 else { return [] }
        var removed: [Call] = []
        for index in lanes.indices {
            let found = lanes[index].calls.filter(condition)
            guard !found.isEmpty else { continue }
            removed += found
            lanes[index].calls.removeAll(where: condition)
        }
        count -= removed.count
        return removed
    }

    /// Takes away the first call of a session that meets a condition.
    mutating func removeFirst(of session: UInt64, where condition: (Call) -> Bool) -> Call? {
        guard let lane = lanes.firstIndex(where: { $0.session == session }),
            let index = lanes[lane].calls.firstIndex(where: condition)
        else { return nil }
        count -= 1
        return lanes[lane].calls.remove(at: index)
    }

    private mutating func lane(of session: UInt64) -> Int {
        if let index = lanes.firstIndex(where: { $0.session == session }) { return index }
        // An empty lane of another session will do: its place in the turn is as good as any.
        let lane = Lane(session: session, calls: [])
        if let index = lanes.firstIndex(where: \.calls.isEmpty) {
            lanes[index] = lane
            return index
        }
        lanes.append(lane)
        return lanes.count - 1
    }
}
