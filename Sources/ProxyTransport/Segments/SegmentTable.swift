import ProxyWire

/// The segments of the other side of a connection that this side has mapped.
final class SegmentTable: Sendable {
    /// Whether what is written to a segment here is to stay here, unless it is a shared one.
    private let isolatesWrites: Bool
    private let longest: Int
    private let giveBack: GiveBack
    private let segments = ConditionMutex<[UInt64: SegmentMemory]>([:])

    /// Takes the number and the length of a segment.
    private struct GiveBack { let body: @Sendable (UInt64, Int) -> Void }

    init(
        isolatesWrites: Bool, longest: Int, giveBack: @escaping @Sendable (UInt64, Int) -> Void
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
            guard segments.count < Limits.segmentCount, segments[introduction.number] == nil else {
                return false
            }
            segments[introduction.number] = memory
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
            guard let memory = segments.withLock({ $0[number] }) else {
                throw .malformed("there is no segment \(number)", offset: 0)
            }
            loans.append(SegmentLoan(number: number, memory: memory, table: self))
        }
        return loans
    }

    fileprivate func ended(_ loan: SegmentLoan) {
        if loan.memory.isPrivate { loan.memory.discardOwnWrites() }
        giveBack.body(loan.number, loan.bytes.count)
    }
}

/// One use of a segment, by the frame that refers to it and by all that was made from it.
private final class SegmentLoan: Loan {
    let number: UInt64
    let memory: SegmentMemory
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
