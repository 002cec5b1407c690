/// Something whose value is computed on the server: what operators make of objects and attributes, what is found in that
/// or returned by it, and everything in a script.
///
/// ```swift
/// let index = (weight / height ** 2).alias("bmi")            // nothing is done yet
/// let table: PythonObject = try await frame.select(name, index)
/// let y: Double = try await evaluate(3 * x ** 2 + 1)
/// ```
///
/// Outside of scripts it is done as part of the call that it is passed to, each time, or when it is read with
/// ``evaluate(_:)``: calling a method of an expression for its effect alone does nothing. In a script (see
/// ``Proxy/script(timeout:escalation:output:fileID:line:_:)``) each attribute, item, operator and call is a step,
/// which is taken once, where it is written.
@dynamicMemberLookup
@dynamicCallable
public struct PythonExpression: Sendable {
    let target: CallTarget

    init(_ target: CallTarget) { self.target = target }
}

extension PythonExpression: TargetOwner, TextOutputStreamable {}
