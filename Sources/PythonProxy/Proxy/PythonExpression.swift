import ProxyWire

/// Something whose value is computed on the server: what operators make of objects and attributes, and what is found
/// in that or returned by it.
///
/// ```swift
/// let index = (weight / height ** 2).alias("bmi")            // nothing is done yet
/// let table: PythonObject = try await frame.select(name, index)
/// let y: Double = try await evaluate(3 * x ** 2 + 1)
/// ```
///
/// It is done as part of the call that it is passed to, each time, or when it is read with ``evaluate(_:)``: calling
/// a method of an expression for its effect alone does nothing.
@dynamicMemberLookup
@dynamicCallable
public struct PythonExpression: PythonOperand {
    let target: CallTarget

    /// A value as an operand.
    public init(_ value: some Encodable & Sendable) {
        target = (value as? any TargetOwner)?.target ?? CallTarget(root: .value(value))
    }

    init(_ operation: PythonOperator, _ operands: any Encodable & Sendable...) {
        target = CallTarget(root: .operation(operation, operands))
    }

    private init(_ target: CallTarget) { self.target = target }

    // MARK: Attributes, items, calls

    /// An attribute of the value.
    public subscript(dynamicMember name: String) -> PythonExpression { self[attribute: name] }

    /// An attribute of the value, also one whose name is used in Swift.
    public subscript(attribute name: String) -> PythonExpression {
        PythonExpression(target.appending(.attribute(name)))
    }

    /// An item of the value. A range is a slice, several keys are a tuple.
    public subscript(_ keys: PythonArgument...) -> PythonExpression {
        PythonExpression(target.appending(.item(keys)))
    }

    /// What the value returns when it is called with literals.
    public func dynamicallyCall(
        withKeywordArguments arguments: PythonCallable.Literals
    ) -> PythonExpression { calling(PythonCallee.arguments(arguments)) }

    /// What the value returns when it is called.
    @_disfavoredOverload
    public func dynamicallyCall(
        withKeywordArguments arguments: PythonCallable.Arguments
    ) -> PythonExpression { calling(PythonCallee.arguments(arguments)) }

    private func calling(_ arguments: [CallRequest.Argument]) -> PythonExpression {
        PythonExpression(CallTarget(root: .invocation(PythonInvocation(self, arguments))))
    }

    /// Python's own `encode`.
    public var encode: PythonExpression { self[attribute: "encode"] }
}

extension PythonExpression: TargetOwner {}
