import ProxyWire

precedencegroup PythonPowerPrecedence {
    associativity: right
    higherThan: MultiplicationPrecedence
}

/// Python's power. It is right associative: `2 ** x ** 3` is `2 ** (x ** 3)`.
infix operator ** : PythonPowerPrecedence

/// Something whose value is on the server: an object, an attribute, or what operators make of these.
///
/// Python's operators on operands make a ``PythonExpression``, which is an argument like any other, or is read with
/// ``evaluate(_:)``:
///
/// ```swift
/// let derivative: PythonObject = try await sympy.diff(x * x + 2 * x - 1, x)
/// ```
///
/// The other operand may also be an `Int`, `Double`, `String` or `NDArray`, and on the right a `Bool` or an array;
/// anything else is wrapped, `PythonExpression(date)`.
///
/// `-x ** 2` is refused, because Swift reads `(-x) ** 2` and Python `-(x ** 2)`: write one of
/// them.
public protocol PythonOperand: Encodable, Sendable {}

/// Whether a container contains a value: Python's `value in container`.
///
/// ```swift
/// let found: Bool = try await evaluate(contains(words, "one"))
/// ```
public func contains(_ container: some PythonOperand, _ value: PythonArgument) -> PythonExpression {
    PythonExpression(.isIn, value ?? PythonValue.none, container)
}

extension PythonObject: PythonOperand {}
extension PythonAttribute: PythonOperand {}

extension CallTarget {
    /// Where it is computed.
    fileprivate var link: ServerLink? {
        switch root {
        case .object(let reference): (reference.home as? LinkedConnection)?.link
        case .name, .script, .unusable: nil
        case .value(let value): Self.link(of: value)
        case .operation(_, let operands): operands.lazy.compactMap(Self.link).first
        case .invocation(let invocation): invocation.values.lazy.compactMap(Self.link).first
        }
    }

    private static func link(of value: any Encodable) -> ServerLink? {
        (value as? PythonAttribute)?.callee.link ?? (value as? any TargetOwner)?.target.link
    }
}

/// The value of an object, attribute or expression, in one round trip.
///
/// ```swift
/// let y: Double = try await evaluate(3 * x ** 2 + 1)
/// let copy: [Int] = try await evaluate(list)
/// ```
///
/// - Throws: `PythonError` if an operator raises; `ProxyError` if no operand is on a server.
public nonisolated(nonsending) func evaluate<Value: Decodable>(
    _ operand: some PythonOperand
) async throws -> Value {
    let expression = operand as? PythonExpression ?? PythonExpression(operand)
    guard let link = expression.target.link else {
        throw ProxyError.conversion(
            ConversionError("an expression without an object or attribute has no server"))
    }
    return try await PythonCallee(link: link, target: expression.target).result(.get)
}
