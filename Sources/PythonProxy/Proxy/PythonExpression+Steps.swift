import ProxyWire

extension PythonExpression: PythonOperand {
    /// A value as an operand.
    public init(_ value: some Encodable & Sendable) {
        self.init((value as? any TargetOwner)?.target ?? CallTarget(root: .value(value)))
    }

    init(_ operation: PythonOperator, _ operands: any Encodable & Sendable...) {
        self.init(
            Self.recorder(of: operands)?.operation(operation, operands)
                // Outside of scripts nothing is assigned.
                ?? CallTarget(root: .operation(operation.pure ?? operation, operands)))
    }

    private static func recorder(of values: [any Encodable & Sendable]) -> ScriptRecorder? {
        for case let value as PythonExpression in values {
            if let script = value.target.script { return script.recorder }
        }
        return nil
    }

    // MARK: Attributes and items

    /// An attribute of the value. In a script it can be assigned.
    public subscript(dynamicMember name: String) -> PythonExpression {
        get { self[attribute: name] }
        nonmutating set { assign(newValue, to: .attribute(name)) }
    }

    /// An attribute of the value, also one whose name is used in Swift.
    public subscript(attribute name: String) -> PythonExpression {
        get { found(.attribute(name)) }
        nonmutating set { assign(newValue, to: .attribute(name)) }
    }

    /// An item of the value. A range is a slice, several keys are a tuple. In a script it can be assigned.
    ///
    /// Of the parameter of a script's closure, `py`, a text is a name, and any other value an operand of the script:
    /// `py["__main__"]`, `py[object]`.
    public subscript(_ keys: PythonArgument...) -> PythonExpression {
        get { found(.item(keys)) }
        nonmutating set { assign(newValue, to: .item(keys)) }
    }

    /// Assigns a value of Swift to an attribute: `figure.title = "x"`. In a script.
    @_disfavoredOverload
    public subscript(dynamicMember name: String) -> PythonArgument {
        get { self[attribute: name] as PythonExpression }
        nonmutating set { assign(newValue, to: .attribute(name)) }
    }

    /// Assigns a value of Swift to an item: `frame["a"] = [1, 2.5]`. In a script.
    @_disfavoredOverload
    public subscript(_ keys: PythonArgument...) -> PythonArgument {
        get { found(.item(keys)) }
        nonmutating set { assign(newValue, to: .item(keys)) }
    }

    /// Assigns a literal, whose items may be of different types, to an attribute. In a script.
    @_disfavoredOverload
    public subscript(dynamicMember name: String) -> PythonLiteral {
        get { PythonLiteral(value: .none) }
        nonmutating set { assign(newValue.value, to: .attribute(name)) }
    }

    /// Assigns a literal, whose items may be of different types, to an item. In a script.
    @_disfavoredOverload
    public subscript(_ keys: PythonArgument...) -> PythonLiteral {
        get { PythonLiteral(value: .none) }
        nonmutating set { assign(newValue.value, to: .item(keys)) }
    }

    private func found(_ step: CallTarget.Step) -> PythonExpression {
        guard let (recorder, operand) = target.script else {
            return PythonExpression(target.appending(step))
        }
        switch step {
        case .attribute(let name):
            if case .name(let text) = operand {
                let path = text.isEmpty ? name : "\(text).\(name)"
                return PythonExpression(CallTarget(root: .script(recorder, .name(path))))
            }
            return PythonExpression(recorder.attribute(name, of: operand))
        case .item(let keys):
            if case .name("") = operand, keys.count == 1 {
                return PythonExpression(Self.value(keys[0], in: recorder))
            }
            return PythonExpression(recorder.item(keys, of: operand))
        }
    }

    /// What `py[value]` is: a name, or a value of Swift in the script.
    private static func value(_ value: PythonArgument, in recorder: ScriptRecorder) -> CallTarget {
        if let name = value as? String {
            return CallTarget(root: .script(recorder, .name(name)))
        }
        if let expression = value as? PythonExpression, expression.target.script != nil {
            return expression.target
        }
        return recorder.operand(value ?? PythonValue.none)
    }

    private func assign(_ value: PythonArgument, to step: CallTarget.Step) {
        guard let (recorder, operand) = target.script else {
            preconditionFailure(
                "outside of a script nothing is assigned to an expression; use set(_:) of an object's "
                    + "attribute or item")
        }
        recorder.assign(value ?? PythonValue.none, to: step, of: operand)
    }

    // MARK: Calls

    /// What the value returns when it is called with literals.
    @discardableResult
    public func dynamicallyCall(
        withKeywordArguments arguments: PythonCallable.Literals
    ) -> PythonExpression {
        if let (recorder, operand) = target.script {
            return PythonExpression(recorder.call(operand, arguments))
        }
        return invoking(PythonCallee.arguments(arguments))
    }

    /// What the value returns when it is called.
    @_disfavoredOverload @discardableResult
    public func dynamicallyCall(
        withKeywordArguments arguments: PythonCallable.Arguments
    ) -> PythonExpression {
        if let (recorder, operand) = target.script {
            return PythonExpression(recorder.call(operand, arguments))
        }
        // An object of the program is called with values of a script.
        if let recorder = Self.recorder(of: arguments.compactMap(\.value)),
            case .script(_, let operand) = recorder.operand(self).root
        {
            return PythonExpression(recorder.call(operand, arguments))
        }
        return invoking(PythonCallee.arguments(arguments))
    }

    private func invoking(_ arguments: [PythonInvocation.Argument]) -> PythonExpression {
        PythonExpression(CallTarget(root: .invocation(PythonInvocation(self, arguments))))
    }

    /// Python's own `encode`.
    public var encode: PythonExpression { self[attribute: "encode"] }

    /// Python's own `write`.
    public var write: PythonExpression { self[attribute: "write"] }
}

/// Enters a context manager in a script, and leaves it after the block, as Python's `with` does.
///
/// ```swift
/// withContext(py.h5py.File(path, "w")) { file in file["x"] = [1.0, 2] }
/// ```
///
/// - Parameters:
///   - manager: a value of a script.
///   - body: records what is done; gets what `__enter__` returns.
public func withContext(
    _ manager: PythonExpression, _ body: (PythonExpression) throws -> Void
) rethrows { try recordBlock(of: manager, body) }

/// Enters a context manager in a script, and leaves it after the block, as Python's `with` does.
///
/// As ``withContext(_:_:)-(_,(PythonExpression)->Void)``, with a value of the block.
@_disfavoredOverload @discardableResult
public func withContext(
    _ manager: PythonExpression, _ body: (PythonExpression) throws -> PythonExpression
) rethrows -> PythonExpression { try recordBlock(of: manager, body) }

private func recordBlock<Result>(
    of manager: PythonExpression, _ body: (PythonExpression) throws -> Result
) rethrows -> Result {
    guard let (recorder, operand) = manager.target.script else {
        preconditionFailure(
            "withContext(_:_:) without await is for a value in a script; outside write try await "
                + "withContext(object) { entered in … }")
    }
    let entered = recorder.enter(operand)
    defer { recorder.endBlock(of: entered) }
    return try body(PythonExpression(entered))
}

/// Deletes an attribute or item, in a script: `delete(frame["c"])`.
public func delete(_ place: PythonExpression) {
    guard let script = place.target.script, script.recorder.delete(place.target) else {
        preconditionFailure(
            "delete(_:) takes an attribute or item of a value in a script, written there: delete(frame[\"c\"])"
        )
    }
}
