import ProxyWire

/// A container whose items may be values of a script: `[x, y]`, `["a": x]`.
protocol ExpressionContainer {
    static var holdsExpressions: Bool { get }

    /// Writes itself.
    ///
    /// - Parameter item: writes an expression.
    func write(to writer: CBORWriter, _ item: (PythonExpression) -> Void)
}

extension ExpressionContainer {
    fileprivate static func holdsExpressions(_ item: Any.Type) -> Bool {
        item == PythonExpression.self
            || (item as? any ExpressionContainer.Type)?.holdsExpressions == true
    }

    fileprivate func write(
        _ value: Any, to writer: CBORWriter, _ item: (PythonExpression) -> Void
    ) {
        if let value = value as? PythonExpression {
            item(value)
        } else if let value = value as? any ExpressionContainer {
            value.write(to: writer, item)
        } else {
            writer.null()
        }
    }
}

extension Array: ExpressionContainer {
    static var holdsExpressions: Bool { holdsExpressions(Element.self) }

    func write(to writer: CBORWriter, _ item: (PythonExpression) -> Void) {
        writer.array(count: count)
        for value in self { write(value, to: writer, item) }
    }
}

extension Optional: ExpressionContainer {
    static var holdsExpressions: Bool { holdsExpressions(Wrapped.self) }

    func write(to writer: CBORWriter, _ item: (PythonExpression) -> Void) {
        if let value = self { write(value, to: writer, item) } else { writer.null() }
    }
}

extension Dictionary: ExpressionContainer {
    /// Those with texts as keys.
    static var holdsExpressions: Bool { Key.self == String.self && holdsExpressions(Value.self) }

    func write(to writer: CBORWriter, _ item: (PythonExpression) -> Void) {
        writer.map(count: count)
        // In the same order in every run.
        let entries = compactMap { key, value in (key as? String).map { ($0, value) } }
        for (key, value) in entries.sorted(by: { $0.0 < $1.0 }) {
            writer.text(key)
            write(value, to: writer, item)
        }
    }
}
