import ProxyWire

/// Which segments of ours exist, and which of them are lent.
struct SegmentLedger {
    struct Segment {
        let memory: SegmentMemory
        /// How many frames it is lent to. More than one only for a region.
        var loans: Int
        /// The region, if the segment is not the pool's own; nil once nobody here uses it.
        weak var region: SharedRegion?
        var isRegion = false
        /// Keeps the region while it is lent.
        var lentRegion: SharedRegion?
    }

    private var segments: [UInt64: Segment] = [:]
    /// Those that wait to be lent again, the one that came back first in front.
    private var free: [UInt64] = []
    private var freeBytes = 0
    private var lastNumber: UInt64 = 0

    var count: Int { segments.count }

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
        segments[number]?.loans = 1
        return lent(number)
    }

    mutating func add(_ segment: Segment) -> LentSegment {
        lastNumber += 1
        segments[lastNumber] = segment
        return LentSegment(
            number: lastNumber, start: segment.memory.bytes.baseAddress.unsafelyUnwrapped)
    }

    mutating func lendAgain(_ region: SharedRegion) -> LentSegment? {
        guard
            let number = segments.first(where: {
                $0.value.region?.identifier == region.identifier
            })?.key
        else { return nil }
        segments[number]?.loans += 1
        segments[number]?.lentRegion = region
        return lent(number)
    }

    private func lent(_ number: UInt64) -> LentSegment? {
        segments[number].map {
            LentSegment(number: number, start: $0.memory.bytes.baseAddress.unsafelyUnwrapped)
        }
    }

    mutating func takeBack(_ number: UInt64) -> Bool {
        guard var segment = segments[number], segment.loans > 0 else { return false }
        segment.loans -= 1
        if segment.loans == 0 {
            segment.lentRegion = nil
            if !segment.isRegion {
                free.append(number)
                freeBytes += segment.memory.bytes.count
            }
        }
        segments[number] = segment
        return true
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

    mutating func removeAbandonedRegions() -> [UInt64] {
        let gone = segments.filter {
            $0.value.isRegion && $0.value.loans == 0 && $0.value.region == nil
        }.map(\.key)
        for number in gone { segments[number] = nil }
        return gone
    }
}
