import ProxyTransport
import ProxyWire

/// The steps of a script, as its closure takes them.
final class ScriptRecorder: Sendable {
    struct Step: Sendable {
        var operation: CallOperation
        var target: CallTarget
        var arguments: [PythonInvocation.Argument] = []
        /// Of a context manager that is entered: where the steps after its block begin.
        var blockEnd: Int?
    }

    private struct State {
        var steps: [Step] = []
        var hasEnded = false
    }

    /// How many parameters there are. Their values come before those of the steps.
    let parameterCount: Int
    private let state = ConditionMutex(State())

    static let maximumSteps = 100_000

    init(parameterCount: Int = 0) { self.parameterCount = parameterCount }

    var steps: [Step] { state.withLock { $0.steps } }

    /// The step whose value is at a position; nil for parameters.
    func step(at position: Int) -> Step? {
        position < parameterCount
            ? nil : state.withLock { $0.steps[position - parameterCount] }
    }

    // MARK: Recording

    /// - Returns: the value of the step.
    func record(_ step: Step) -> CallTarget {
        state.withLock { state in
            if state.hasEnded { return .unusable(Self.hasEnded) }
            guard state.steps.count < Self.maximumSteps else {
                return .unusable("a script has at most \(Self.maximumSteps) steps; use a loop in Python")
            }
            state.steps.append(step)
            return CallTarget(
                root: .step(self, parameterCount + state.steps.count - 1))
        }
    }

    /// Takes back the step that has been recorded last, if its value is this and it only reads something.
    ///
    /// - Returns: what it reads.
    func takeBack(_ value: CallTarget) -> CallTarget? {
        state.withLock { state in
            guard case .step(_, let position) = value.root, value.steps.isEmpty,
                position == parameterCount + state.steps.count - 1, let step = state.steps.last,
                step.operation == .get, !step.target.steps.isEmpty
            else { return nil }
            state.steps.removeLast()
            return step.target
        }
    }

    /// The block ends of a context manager whose value is at a position.
    func endBlock(at position: Int) {
        state.withLock { state in
            state.steps[position - parameterCount].blockEnd = state.steps.count
        }
    }

    func end() { state.withLock { $0.hasEnded = true } }

    static let hasEnded =
        "a value of a script is used after its end; return what is needed from the script"

    // MARK: Writing

    /// Writes the steps as a list.
    func encode(into writer: inout PythonWriter) throws {
        let steps = steps
        try encode(steps, 0..<steps.count, into: &writer)
    }

    private func encode(
        _ steps: [Step], _ range: Range<Int>, into writer: inout PythonWriter
    ) throws {
        writer.cbor.array(count: count(of: steps, in: range))
        var index = range.lowerBound
        while index < range.upperBound {
            let step = steps[index]
            do {
                try writer.nested(levels: 2) { writer in
                    writer.cbor.array(count: 4)
                    writer.cbor.unsigned(step.operation.rawValue)
                    try step.target.encode(into: &writer)
                    guard let end = step.blockEnd else {
                        return try writer.encode(arguments: step.arguments)
                    }
                    writer.cbor.array(count: 2)
                    writer.cbor.unsigned(UInt64(end - index - 1))
                    try encode(steps, index + 1..<end, into: &writer)
                    writer.cbor.map(count: 0)
                }
            } catch let error as ConversionError {
                throw error.of(function: "step \(index + 1), \(step)")
            }
            index = step.blockEnd ?? index + 1
        }
    }

    /// How many steps are not within blocks of others.
    private func count(of steps: [Step], in range: Range<Int>) -> Int {
        var (count, index) = (0, range.lowerBound)
        while index < range.upperBound {
            count += 1
            index = steps[index].blockEnd ?? index + 1
        }
        return count
    }
}

extension ScriptRecorder.Step: CustomStringConvertible {
    /// As Python would write it: "DataFrame(…)['c'] = DataFrame(…)['a'] + 1".
    var description: String {
        switch operation {
        case .call: PythonInvocation(target.asValue, arguments).description
        case .set: "\(target) = \(arguments.first.map { CallTarget.text(of: $0.value) } ?? "None")"
        case .delete: "del \(target)"
        case .enter: "with \(target)"
        default: target.descriptionWithoutParentheses
        }
    }
}
