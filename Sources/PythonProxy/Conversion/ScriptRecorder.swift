import ProxyTransport
import ProxyWire

/// A script, while its closure takes the steps: they are written as they will be sent.
///
/// What they need of Swift (objects, arrays, any values but short ones) are its *operands*, which are sent before them.
final class ScriptRecorder: Sendable {
    /// What a step is about.
    enum Operand: Sendable {
        /// The value of a step, by its position.
        case step(Int)
        /// "numpy.linalg"; empty: all of Python.
        case name(String)
        case operand(Int)
    }

    struct State {
        let steps = FrameBuffer()
        /// Where the program takes each step.
        var callers: [ReturnAddresses] = {
            var callers: [ReturnAddresses] = []
            callers.reserveCapacity(32)
            return callers
        }()
        /// Of what is being recorded.
        var caller = ReturnAddresses.none
        var operands: [any Encodable & Sendable] = []
        /// How many values the steps have so far.
        var valueCount = 0
        /// The last step; nil if something else has been written since.
        var last: Last?
        /// What is wrong with the script.
        var failure: String?
        var hasEnded = false
    }

    struct Last {
        var start: Int
        /// Of its value.
        var position: Int
        var kind = Kind.other

        enum Kind { case attribute, item, negation, other }
    }

    private let state = ConditionMutex(State())

    static let maximumSteps = 100_000

    /// - Parameter parameterCount: so many operands are given later.
    init(parameterCount: Int = 0) {
        state.withLock {
            $0.operands = Array(repeating: PythonValue.none, count: parameterCount)
        }
    }

    // MARK: Recording

    /// Reads an attribute.
    func attribute(_ name: String, of parent: Operand) -> CallTarget {
        record { state, writer in
            beginStep(.get, &state, writer)
            state.last?.kind = .attribute
            write(attribute: name, of: parent, writer)
        }
    }

    /// Reads an item.
    func item(_ keys: [PythonArgument], of parent: Operand) -> CallTarget {
        record { state, writer in
            beginStep(.get, &state, writer)
            state.last?.kind = .item
            write(keys, of: parent, &state, writer)
        }
    }

    /// Applies an operator.
    func operation(
        _ operation: PythonOperator, _ operands: [any Encodable & Sendable]
    ) -> CallTarget {
        record { state, writer in
            if operation == .power, let base = operands[0] as? PythonExpression {
                if isNegation(base.target, state) { state.failure = ConversionError.negatedPower }
            }
            beginStep(.get, &state, writer)
            if operation == .negative { state.last?.kind = .negation }
            writer.tag(CBORTag.operation)
            writer.array(count: operands.count + 1)
            writer.unsigned(operation.rawValue)
            for operand in operands { write(operand, &state, writer) }
        }
    }

    /// Calls a function.
    ///
    /// - Parameter arguments: the positional ones have no names.
    func call<Value: Sendable>(
        _ function: Operand, _ arguments: KeyValuePairs<String, Value>
    ) -> CallTarget {
        record { state, writer in
            if case .step(let position) = function, let last = state.last,
                last.position == position, last.kind == .attribute
            {
                // The attribute is looked up and called by one step, which has two values.
                state.steps.patch(at: last.start, 0x84, UInt8(CallOperation.callFound.rawValue))
            } else {
                beginStep(.call, &state, writer)
                write(function, writer)
            }
            write(arguments, &state, writer)
        }
    }

    /// Assigns an attribute or item.
    func assign(
        _ value: any Encodable & Sendable, to step: CallTarget.Step, of parent: Operand
    ) {
        _ = record { state, writer in
            beginStep(.set, &state, writer)
            switch step {
            case .attribute(let name): write(attribute: name, of: parent, writer)
            case .item(let keys): write(keys, of: parent, &state, writer)
            }
            writer.array(count: 1)
            write(value, &state, writer)
            writer.map(count: 0)
        }
    }

    /// Deletes an attribute or item that has just been read.
    ///
    /// - Returns: false if it has not.
    func delete(_ place: CallTarget) -> Bool {
        state.withLock { state in
            guard !state.hasEnded, case .script(_, .step(let position)) = place.root,
                let last = state.last, last.position == position,
                last.kind == .attribute || last.kind == .item
            else { return false }
            let writer = CBORWriter(state.steps)
            state.steps.patch(at: last.start, 0x84, UInt8(CallOperation.delete.rawValue))
            writer.array(count: 0)
            writer.map(count: 0)
            state.last = nil
            return true
        }
    }

    /// Enters a context manager; what follows is its block until `endBlock`.
    func enter(_ manager: Operand) -> CallTarget {
        record { state, writer in
            beginStep(.enter, &state, writer)
            write(manager, writer)
            writer.array(count: 2)
            writer.indefiniteArray()
            state.last = nil
        }
    }

    /// - Parameter entered: what `enter` has returned.
    func endBlock(of entered: CallTarget) {
        state.withLock { state in
            guard case .script(_, .step(let position)) = entered.root else { return }
            let writer = CBORWriter(state.steps)
            writer.stop()
            writer.unsigned(UInt64(state.valueCount - position - 1))
            writer.map(count: 0)
            state.last = nil
        }
    }

    /// A value of Swift that is used in the script.
    func operand(_ value: any Encodable & Sendable) -> CallTarget {
        state.withLock { state in
            if state.hasEnded { return .unusable(Self.hasEnded) }
            state.operands.append(value)
            return CallTarget(root: .script(self, .operand(state.operands.count - 1)))
        }
    }

    /// Ends the script.
    ///
    /// - Returns: how it is sent.
    /// - Throws: if something was wrong with it.
    func end(returning results: [PythonExpression], asTuple isTuple: Bool) throws -> Recording {
        try state.withLock { state in
            let result = FrameBuffer()
            let writer = CBORWriter(result)
            if isTuple {
                writer.tag(CBORTag.tuple)
                writer.array(count: results.count)
            }
            for value in results { write(value, &state, writer) }
            state.hasEnded = true
            if let failure = state.failure { throw ProxyError.conversion(ConversionError(failure)) }
            return Recording(
                steps: state.steps, operands: state.operands, result: result, callers: state.callers
            )
        }
    }

    /// The closure has thrown an error.
    func abandon() { state.withLock { $0.hasEnded = true } }

    static let hasEnded =
        "a value of a script is used after its end, or within a type of the program; return what is needed from "
        + "the script, and pass values of it alone, in arrays or in dictionaries"

    // MARK: Writing

    /// - Returns: the value of the step that `body` writes.
    private func record(_ body: (inout State, CBORWriter) -> Void) -> CallTarget {
        let caller = ReturnAddresses.ofCaller()
        return state.withLock { state in
            if state.hasEnded { return .unusable(Self.hasEnded) }
            if state.valueCount >= Self.maximumSteps {
                state.failure =
                    "a script has at most \(Self.maximumSteps) steps; use a loop in Python"
                return CallTarget(root: .script(self, .step(0)))
            }
            state.caller = caller
            body(&state, CBORWriter(state.steps))
            defer { state.valueCount += 1 }
            if state.last != nil { state.last?.position = state.valueCount }
            return CallTarget(root: .script(self, .step(state.valueCount)))
        }
    }

    private func beginStep(_ operation: CallOperation, _ state: inout State, _ writer: CBORWriter) {
        state.last = Last(start: state.steps.count, position: state.valueCount)
        state.callers.append(state.caller)
        writer.array(count: operation == .get ? 2 : 4)
        writer.unsigned(operation.rawValue)
    }

    private func write(_ operand: Operand, _ writer: CBORWriter) {
        switch operand {
        case .step(let position):
            writer.tag(CBORTag.step)
            writer.unsigned(UInt64(position))
        case .operand(let position):
            writer.tag(CBORTag.operand)
            writer.unsigned(UInt64(position))
        case .name(let text): writer.text(":" + text)
        }
    }

    private func write(
        attribute name: String, of parent: Operand, _ writer: CBORWriter
    ) {
        if case .name(let text) = parent { return writer.text(":\(text).\(name)") }
        writer.tag(CBORTag.reference)
        writer.array(count: 2)
        write(parent, writer)
        writer.text(name)
    }

    private func write(
        _ keys: [PythonArgument], of parent: Operand, _ state: inout State, _ writer: CBORWriter
    ) {
        writer.tag(CBORTag.reference)
        writer.array(count: 2)
        write(parent, writer)
        writer.array(count: keys.count)
        for key in keys {
            write((key as? any SliceKey)?.slice ?? key ?? PythonValue.none, &state, writer)
        }
    }

    private func write<Value: Sendable>(
        _ arguments: KeyValuePairs<String, Value>, _ state: inout State, _ writer: CBORWriter
    ) {
        let keywordCount = arguments.count { !$0.key.isEmpty }
        writer.array(count: arguments.count - keywordCount)
        for argument in arguments where argument.key.isEmpty {
            write(any: argument.value, &state, writer)
        }
        writer.map(count: keywordCount)
        if keywordCount == 0 { return }
        for argument in arguments where !argument.key.isEmpty {
            writer.text(argument.key)
            write(any: argument.value, &state, writer)
        }
    }

    /// - Parameter value: a literal, or any argument.
    @inline(__always)
    private func write<Value: Sendable>(
        any value: Value, _ state: inout State, _ writer: CBORWriter
    ) {
        if let value = value as? PythonValue {
            write(literal: value, &state, writer)
        } else {
            write((value as? PythonArgument ?? nil) ?? PythonValue.none, &state, writer)
        }
    }

    private func write(literal value: PythonValue, _ state: inout State, _ writer: CBORWriter) {
        switch value {
        case .none: writer.null()
        case .bool(let value): writer.boolean(value)
        case .int(let value): writer.integer(Int64(value))
        case .double(let value): writer.double(value)
        case .string(let value): writer.text(value)
        default: write(operand: value, &state, writer)
        }
    }

    /// Writes a value, or where it is among the operands.
    private func write(
        _ value: any Encodable & Sendable, _ state: inout State, _ writer: CBORWriter
    ) {
        switch value {
        case let value as PythonExpression:
            switch value.target.root {
            case .script(let recorder, let operand) where value.target.steps.isEmpty:
                guard recorder === self else {
                    state.failure =
                        recorder.state.withLock { $0.hasEnded }
                        ? Self.hasEnded : "a value of another script is used in this one"
                    return writer.null()
                }
                if case .name(let text) = operand {
                    if text.isEmpty {
                        state.failure = "all of Python is no value; give the name of a package"
                    }
                    writer.tag(CBORTag.reference)
                    writer.array(count: 1)
                }
                return write(operand, writer)
            case .unusable(let reason): state.failure = reason
            default: break
            }
        case let value as Int: return writer.integer(Int64(value))
        case let value as Double: return writer.double(value)
        case let value as String: return writer.text(value)
        case let value as PythonValue: return write(literal: value, &state, writer)
        case let value as Bool: return writer.boolean(value)
        case let value as any ExpressionContainer where type(of: value).holdsExpressions:
            return value.write(to: writer) { write($0, &state, writer) }
        default: break
        }
        write(operand: value, &state, writer)
    }

    private func write(
        operand value: any Encodable & Sendable, _ state: inout State, _ writer: CBORWriter
    ) {
        writer.tag(CBORTag.operand)
        writer.unsigned(UInt64(state.operands.count))
        state.operands.append(value)
    }

    private func isNegation(_ target: CallTarget, _ state: State) -> Bool {
        guard target.steps.isEmpty else { return false }
        switch target.root {
        case .operation(.negative, _): return true
        case .script(_, .step(let position)):
            return state.last?.position == position && state.last?.kind == .negation
        default: return false
        }
    }
}

extension ScriptRecorder {
    /// A script that has been recorded.
    struct Recording: Sendable {
        let steps: FrameBuffer
        let operands: [any Encodable & Sendable]
        let result: FrameBuffer
        /// Where the program takes each step.
        let callers: [ReturnAddresses]
    }
}
