import ProxyWire

/// Which segments of ours exist, and which of them are lent.
struct SegmentLedger {
    struct Segment {
        let memory: SegmentMemory
        /// How many frames are being written that it is lent to. More than one only for a region.
        var drafts = 1
        /// How many frames that have been sent it is lent to.
        var loans = 0
        /// Whether it goes out of use when it is back.
        var isRetired = false
        /// The region, if the segment is not the pool's own; nil once nobody here uses it.
        weak var region: SharedRegion?
        var isRegion = false
        /// Keeps the region while it is lent.
        var lentRegion: SharedRegion?
        /// When it came back last, in nanoseconds.
        var freeSince: UInt64 = 0
    }

    private var segments: [UInt64: Segment] = [:]
    /// Those that wait to be lent again, the one that came back first in front.
    private var free: [UInt64] = []
    private var freeBytes = 0
    /// The bytes of segments in frames that have been sent and that the peer may not have received.
    private(set) var unreadBytes = 0
    private var lastNumber: UInt64 = 0

    /// The shortest free segment that is long enough, but not more than twice as long.
    mutating func takeFree(_ byteCount: Int) -> LentSegment? {
        var best: (position: Int, length: Int)?
        for (position, number) in free.enumerated() {
            guard let length = segments[number]?.memory.bytes.count else { continue }
            // Of several the one that came back last: it is more likely in the processor's cache.
            if length >= byteCount, length / 2 <= byteCount, length <= best?.length ?? .max {
                best = (position, length)
            }
        }
        guard let best else { return nil }
        let number = free.remove(at: best.position)
        freeBytes -= best.length
        segments[number]?.drafts = 1
        return lent(number)
    }

    /// Adds a segment that is being lent; nil if the peer would not take one more.
    mutating func add(_ segment: Segment) -> LentSegment? {
        // Some that have just been forgotten may still be on the peer's list.
        guard segments.count < Limits.segmentCount - 64 else { return nil }
        lastNumber += 1
        segments[lastNumber] = segment
        return lent(lastNumber)
    }

    mutating func lendAgain(_ region: SharedRegion) -> LentSegment? {
        guard
            let number = segments.first(where: {
                $0.value.region?.identifier == region.identifier
            })?.key
        else { return nil }
        segments[number]?.drafts += 1
        segments[number]?.lentRegion = region
        return lent(number)
    }

    private func lent(_ number: UInt64) -> LentSegment? {
        segments[number].map {
            LentSegment(
                number: number, start: $0.memory.bytes.baseAddress.unsafelyUnwrapped,
                byteCount: $0.memory.bytes.count, owner: $0.memory)
        }
    }

    /// A frame with the segment has been sent: from now on the peer may give it back.
    mutating func sent(_ number: UInt64) {
        segments[number]?.drafts -= 1
        segments[number]?.loans += 1
        if let segment = segments[number], !segment.isRegion {
            unreadBytes += segment.memory.bytes.count
        }
    }

    /// The peer has received all frames that have been sent.
    mutating func allRead() { unreadBytes = 0 }

    /// A frame with the segment is not sent.
    mutating func withdrawn(_ number: UInt64) {
        segments[number]?.drafts -= 1
        _ = settle(number)
    }

    enum Return: Equatable {
        case taken
        /// Taken, and out of use.
        case retired
        case notLent
    }

    /// The peer gives a segment back.
    ///
    /// - Parameter retiring: whether others still see it, so that it must not be filled again.
    mutating func takeBack(_ number: UInt64, retiring: Bool, at now: UInt64) -> Return {
        guard let segment = segments[number], segment.loans > 0 else { return .notLent }
        segments[number]?.loans -= 1
        segments[number]?.freeSince = now
        if !segment.isRegion { unreadBytes = max(0, unreadBytes - segment.memory.bytes.count) }
        if retiring, !segment.isRegion { segments[number]?.isRetired = true }
        return settle(number) ? .retired : .taken
    }

    /// Puts a segment that nobody uses where it belongs.
    ///
    /// - Returns: whether it has been removed.
    private mutating func settle(_ number: UInt64) -> Bool {
        guard let segment = segments[number], segment.loans == 0, segment.drafts == 0 else {
            return false
        }
        if segment.isRegion {
            segments[number]?.lentRegion = nil
        } else if segment.isRetired {
            segments[number] = nil
            return true
        } else {
            free.append(number)
            freeBytes += segment.memory.bytes.count
        }
        return false
    }

    /// Removes free segments until the others hold no more than `limit` bytes.
    mutating func trim(to limit: Int) -> [UInt64] {
        var removed: [UInt64] = []
        // One that is too long by itself would only drive out the others.
        if let last = free.last, let length = segments[last]?.memory.bytes.count, length > limit {
            removed.append(free.removeLast())
            freeBytes -= length
        }
        while freeBytes > limit {
            let number = free.removeFirst()
            freeBytes -= segments[number]?.memory.bytes.count ?? 0
            removed.append(number)
        }
        for number in removed { segments[number] = nil }
        return removed
    }

    /// Whether segments wait to be lent again.
    var hasFree: Bool { !free.isEmpty }

    /// Removes the segments that nobody has used since a time.
    mutating func trim(freeSince time: UInt64) -> [UInt64] {
        let removed = free.filter { segments[$0]?.freeSince ?? 0 <= time }
        free.removeAll { removed.contains($0) }
        for number in removed {
            freeBytes -= segments[number]?.memory.bytes.count ?? 0
            segments[number] = nil
        }
        return removed
    }

    mutating func removeAbandonedRegions() -> [UInt64] {
        let gone = segments.filter {
            $0.value.isRegion && $0.value.loans == 0 && $0.value.drafts == 0
                && $0.value.region == nil
        }.map(\.key)
        for number in gone { segments[number] = nil }
        return gone
    }
}
