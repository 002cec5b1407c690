import CPythonABI

/// The values of a script: those of its parameters, then those of its steps.
///
/// SAFETY: owns its references; used only with the GIL held.
final class ScriptValues {
    /// Nil: the step has not been performed.
    private var values: [PythonReference?] = []
    private var parameterCount = 0
    /// The step that has failed, counted from 1; nil if none has.
    private(set) var failedStep: Int?

    deinit {
        for case let value? in values { py.Py_DecRef(value) }
    }

    func addParameter(_ value: consuming OwnedReference) {
        values.append(value.release())
        parameterCount += 1
    }

    /// A step begins.
    ///
    /// - Returns: where its value goes.
    func begin() -> Int {
        values.append(nil)
        return values.count - 1
    }

    func set(_ position: Int, _ value: consuming OwnedReference) {
        values[position] = value.release()
    }

    /// Goes past steps that are not performed.
    func skip(to count: Int) {
        while values.count < count { values.append(nil) }
    }

    func value(_ position: UInt64) throws(ConversionFailure) -> OwnedReference {
        guard position < UInt64(values.count) else {
            throw .malformed(.malformed("there is no step \(position) so far", offset: 0))
        }
        guard let value = values[Int(position)] else {
            throw .unsupported(
                "the value of step \(number(Int(position))) is not there, because its block ended "
                    + "before it")
        }
        return OwnedReference(borrowing: value)
    }

    private func number(_ position: Int) -> Int { position - parameterCount + 1 }

    /// Takes note of the innermost step in which something fails.
    func fails(at position: Int) { failedStep = failedStep ?? number(position) }

    /// What has failed has been dealt with.
    func recovers() { failedStep = nil }
}
