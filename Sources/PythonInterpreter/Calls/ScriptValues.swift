import CPythonABI
import ProxyTransport

/// The values of a script: its operands, and what its steps make of them.
///
/// SAFETY: owns its references; used only with the GIL held.
final class ScriptValues {
    private var operands: [PythonReference] = []
    /// Nil: not there yet.
    private var values: [PythonReference?] = []
    /// How many steps have begun, or been gone past.
    private(set) var stepCount = 0
    /// The step that has failed, counted from 1; nil if none has.
    private(set) var failedStep: Int?
    private var lastCheck: UInt64 = 0

    deinit {
        for operand in operands { py.Py_DecRef(operand) }
        for case let value? in values { py.Py_DecRef(value) }
    }

    /// Whether it is time to look for exceptions from outside.
    var isCheckDue: Bool {
        let now = CoarseClock.now
        defer { lastCheck = now }
        return now != lastCheck
    }

    func addOperand(_ value: consuming OwnedReference) { operands.append(value.release()) }

    /// A step begins.
    ///
    /// - Returns: its number, counted from 1.
    func begin() -> Int {
        stepCount += 1
        return stepCount
    }

    /// Adds a value of the step under way.
    func add(_ value: consuming OwnedReference) { values.append(value.release()) }

    var count: Int { values.count }

    /// Goes past steps that are not performed, and their values.
    func skip(to count: Int, steps: Int) {
        while values.count < count { values.append(nil) }
        stepCount = steps
    }

    func operand(_ position: UInt64) throws(ConversionFailure) -> OwnedReference {
        guard position < UInt64(operands.count) else {
            throw .malformed(.malformed("there is no operand \(position)", offset: 0))
        }
        return OwnedReference(borrowing: operands[Int(position)])
    }

    func value(_ position: UInt64) throws(ConversionFailure) -> OwnedReference {
        guard position < UInt64(values.count) else {
            throw .malformed(.malformed("there is no value \(position) so far", offset: 0))
        }
        guard let value = values[Int(position)] else {
            throw .unsupported(
                "a value is used that is not there, because its block was left before it")
        }
        return OwnedReference(borrowing: value)
    }

    /// Takes note of the innermost step in which something fails.
    func fails(in step: Int) { failedStep = failedStep ?? step }

    /// What has failed has been dealt with.
    func recovers() { failedStep = nil }
}
