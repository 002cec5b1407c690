import CPlatform
import ProxyWire

/// The segments of the other side of a connection that this side has mapped.
final class SegmentTable: Sendable {
    /// Whether what is written to a segment here is to stay here, unless it is a shared one.
    private let isolatesWrites: Bool
    private let longest: Int
    private let giveBack: GiveBack
    /// So much of the address space a peer may take.
    private static let mappedBytes = 1 << 42
    private let segments = ConditionMutex<[UInt64: Entry]>([:])

    /// Takes the number and the length of a segment, and how it is given back.
    private struct GiveBack { let body: @Sendable (UInt64, Int, FrameKind) -> Void }

    private struct Entry {
        let memory: SegmentMemory
        let isShared: Bool
        /// Whether something here uses it. Only a shared one may be lent again then.
        var isLent = false
    }

    init(
        isolatesWrites: Bool, longest: Int,
        giveBack: @escaping @Sendable (UInt64, Int, FrameKind) -> Void
    ) {
        self.isolatesWrites = isolatesWrites
        self.longest = longest
        self.giveBack = GiveBack(body: giveBack)
    }

    func add(
        _ introduction: SegmentIntroduction, _ descriptor: borrowing Descriptor
    ) throws(WireError) {
        guard introduction.length <= longest else {
            throw WireError.tooLong(length: UInt64(introduction.length), limit: longest)
        }
        let memory: SegmentMemory
        do {
            memory = try SegmentMemory(
                mapping: descriptor.number, length: introduction.length,
                isPrivate: isolatesWrites && !introduction.isShared)
        } catch {
            throw WireError.malformed("segment \(introduction.number): \(error)", offset: 0)
        }
        let isAccepted = segments.withLock { segments in
            let mapped = segments.values.reduce(0) { $0 + $1.memory.bytes.count }
            guard segments.count < Limits.segmentCount, segments[introduction.number] == nil,
                mapped <= Self.mappedBytes - memory.bytes.count
            else { return false }
            segments[introduction.number] = Entry(
                memory: memory, isShared: introduction.isShared)
            return true
        }
        guard isAccepted else {
            throw .malformed(
                "segment \(introduction.number) is one too many or not new", offset: 0)
        }
    }

    /// The memory is unmapped as soon as no loan uses it.
    func forget(_ number: UInt64) {
        segments.withLock { $0[number] = nil }
    }

    /// The segments of a frame. Each goes back when its last user is gone.
    func loans(_ numbers: [UInt64]) throws(WireError) -> [any Loan] {
        var loans: [any Loan] = []
        for number in numbers {
            let memory: SegmentMemory? = segments.withLock { segments in
                guard let entry = segments[number], entry.isShared || !entry.isLent else {
                    return nil
                }
                segments[number]?.isLent = true
                return entry.memory
            }
            guard let memory else {
                throw .malformed("segment \(number) is unknown, or lent already", offset: 0)
            }
            loans.append(SegmentLoan(number: number, memory: memory, table: self))
        }
        return loans
    }

    fileprivate func ended(_ loan: SegmentLoan) {
        // A forked child has the arrays of its parent, but neither its connections nor its say.
        if cplatform_in_forked_child() { return }
        segments.withLock { $0[loan.number]?.isLent = false }
        guard loan.memory.isPrivate else {
            return giveBack.body(loan.number, loan.bytes.count, .release)
        }
        // A child that was forked meanwhile still sees the pages that nobody has written to.
        let isSeenByOthers = loan.forkCount != cplatform_fork_count()
        let isClean = !isSeenByOthers && loan.memory.discardOwnWrites()
        giveBack.body(loan.number, loan.bytes.count, isClean ? .release : .retire)
    }
}

/// One use of a segment, by the frame that refers to it and by all that was made from it.
private final class SegmentLoan: Loan {
    let number: UInt64
    let memory: SegmentMemory
    /// When the loan began.
    let forkCount = cplatform_fork_count()
    private let table: SegmentTable
    private let currentUser = ConditionMutex(User())

    private struct User { weak var object: AnyObject? }

    init(number: UInt64, memory: SegmentMemory, table: SegmentTable) {
        self.number = number
        self.memory = memory
        self.table = table
    }

    deinit { table.ended(self) }

    var bytes: UnsafeMutableRawBufferPointer { memory.bytes }

    func user(orMake make: () -> AnyObject) -> AnyObject {
        currentUser.withLock { user in
            if let object = user.object { return object }
            let object = make()
            user.object = object
            return object
        }
    }
}
