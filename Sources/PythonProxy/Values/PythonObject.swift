/// A Python object that stays on the server.
///
/// ```swift
/// let model: PythonObject = try await sklearn.linear_model.LinearRegression(fit_intercept: true)
/// try await model.fit(x, y)
/// let predicted: NDArray<Double> = try await model.predict(z)
/// let coefficients: [Double] = try await model.coef_.get()
/// let mean: Double = try await frame["name"].mean()       // items and attributes, in one round trip
/// ```
///
/// Every name is Python's; `object[attribute: "name"]` reaches one that Swift cannot spell. As an argument it is the
/// same object (`is` in Python). Two are equal if they are one object on the server.
///
/// The object exists for as long as a copy of this value does. Its server going away, or `disconnect()`, ends it: what
/// uses it then throws ``ProxyError/objectLost(_:)``.
@dynamicMemberLookup
@dynamicCallable
public struct PythonObject: Sendable {
    let reference: ObjectReference

    init(_ reference: ObjectReference) {
        self.reference = reference
    }
}

extension PythonObject: Hashable {
    /// Whether both are one object on the server.
    public static func == (left: PythonObject, right: PythonObject) -> Bool {
        left.reference.number == right.reference.number
            && left.reference.home.identity == right.reference.home.identity
    }

    public func hash(into hasher: inout Hasher) { hasher.combine(reference.number) }
}

extension PythonObject: TextOutputStreamable {
    /// As "<LinearRegression on server 4711>"; the server is not asked.
    public func write<Target: TextOutputStream>(to target: inout Target) {
        target.write(reference.description)
    }
}
