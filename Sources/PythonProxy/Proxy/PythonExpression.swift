import ProxyWire

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
/// ``evaluate(_:)``: calling a method of an expression for its effect alone does nothing. In a script, see
/// ``Proxy/script(_:)``, each attribute, item, operator and call is a step, which is taken once, where it is written.
@dynamicMemberLookup
@dynamicCallable
public struct PythonExpression: PythonOperand {
    let target: CallTarget

    /// A value as an operand.
    public init(_ value: some Encodable & Sendable) {
        target = (value as? any TargetOwner)?.target ?? CallTarget(root: .value(value))
    }

    init(_ operation: PythonOperator, _ operands: any Encodable & Sendable...) {
        let target = CallTarget(root: .operation(operation, operands))
        let recorder = Self.recorder(of: operands)
        self.target = recorder?.record(.init(operation: .get, target: target)) ?? target
    }

    init(_ target: CallTarget) { self.target = target }

    private static func recorder(of values: [any Encodable & Sendable]) -> ScriptRecorder? {
        values.lazy.compactMap { ($0 as? PythonExpression)?.target.recorder }.first
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
        PythonExpression(target.found(step))
    }

    private func assign(_ value: PythonArgument, to step: CallTarget.Step) {
        guard let recorder = target.recorder else {
            preconditionFailure(
                "outside of a script nothing is assigned to an expression; use set(_:) of an object's "
                    + "attribute or item")
        }
        let place = recorder.record(
            .init(
                operation: .set, target: target.place(step),
                arguments: [("", value ?? PythonValue.none)]))
        if case .unusable(let reason) = place.root { preconditionFailure(reason) }
    }

    // MARK: Calls

    /// What the value returns when it is called with literals.
    @discardableResult
    public func dynamicallyCall(
        withKeywordArguments arguments: PythonCallable.Literals
    ) -> PythonExpression { calling(PythonCallee.arguments(arguments)) }

    /// What the value returns when it is called.
    @_disfavoredOverload @discardableResult
    public func dynamicallyCall(
        withKeywordArguments arguments: PythonCallable.Arguments
    ) -> PythonExpression { calling(PythonCallee.arguments(arguments)) }

    private func calling(_ arguments: [PythonInvocation.Argument]) -> PythonExpression {
        let recorder = target.recorder ?? Self.recorder(of: arguments.map(\.value))
        guard let recorder else {
            return PythonExpression(
                CallTarget(root: .invocation(PythonInvocation(self, arguments))))
        }
        return PythonExpression(
            recorder.record(.init(operation: .call, target: target, arguments: arguments)))
    }

    /// Python's own `encode`.
    public var encode: PythonExpression { self[attribute: "encode"] }
}

extension PythonExpression: TargetOwner {}

extension CallTarget {
    /// What is found one step further. In a script that is a step of it, except for names.
    fileprivate func found(_ step: Step) -> CallTarget {
        guard let recorder else { return appending(step) }
        if case .scriptName(_, let text) = root {
            switch step {
            case .attribute(let name):
                return CallTarget(root: .scriptName(recorder, text.isEmpty ? name : "\(text).\(name)"))
            case .item(let keys) where text.isEmpty && keys.count == 1:
                if let name = keys[0] as? String {
                    return CallTarget(root: .scriptName(recorder, name))
                }
                let value = PythonExpression(recorded: keys[0])
                return recorder.record(.init(operation: .get, target: value.target))
            case .item: break
            }
        }
        return recorder.record(.init(operation: .get, target: place(step)))
    }

    /// An attribute or item, to be assigned or deleted.
    fileprivate func place(_ step: Step) -> CallTarget {
        if case .scriptName(let recorder, let text) = root, case .attribute(let name) = step {
            return CallTarget(root: .scriptName(recorder, "\(text).\(name)"))
        }
        var place = self
        place.steps.append(step)
        return place
    }
}

extension PythonExpression {
    fileprivate init(recorded value: PythonArgument) {
        let value = value ?? PythonValue.none
        self.init((value as? any TargetOwner)?.target ?? CallTarget(root: .value(value)))
    }
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
    guard let recorder = manager.target.recorder else {
        preconditionFailure(
            "withContext(_:_:) without await is for a value in a script; outside write try await "
                + "withContext(object) { … }")
    }
    let entered = recorder.record(.init(operation: .enter, target: manager.target))
    let result = try body(PythonExpression(entered))
    if case .step(_, let position) = entered.root { recorder.endBlock(at: position) }
    return result
}

/// Deletes an attribute or item, in a script: `delete(frame["c"])`.
public func delete(_ place: PythonExpression) {
    guard let recorder = place.target.recorder, let target = recorder.takeBack(place.target) else {
        preconditionFailure(
            "delete(_:) takes an attribute or item of a value in a script, written there: delete(frame[\"c\"])")
    }
    _ = recorder.record(.init(operation: .delete, target: target))
}
