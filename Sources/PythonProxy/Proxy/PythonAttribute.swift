import ProxyWire

/// A name on a proxy, or an attribute or item of an object: to be called, read, assigned or deleted.
///
/// ```swift
/// let x: [Double] = try await numpy.linalg.solve(a, b)
/// let pi: Double = try await math.pi.get()
/// try await frame["c"].set([1, 2])
/// let mean: Double = try await frame["name"].mean()
/// ```
///
/// It is a plain value: it does nothing until it is used, and any number of them can be kept. As an argument it is the
/// object that it names.
@dynamicMemberLookup
@dynamicCallable
public struct PythonAttribute: PythonCallable {
    var callee: PythonCallee
    public var _callee: PythonCallee { callee }

    init(_ callee: PythonCallee) {
        self.callee = callee
    }

    /// A member of what this stands for.
    public subscript(dynamicMember name: String) -> PythonAttribute { self[attribute: name] }

    /// A member of what this stands for, also one whose name is that of a member of `PythonAttribute`.
    public subscript(attribute name: String) -> PythonAttribute {
        PythonAttribute(callee.appending(.attribute(name)))
    }

    /// An item of what this stands for. A range is a slice, several keys are a tuple: `array[1..<4, 2...]`.
    public subscript(_ keys: PythonArgument...) -> PythonAttribute {
        PythonAttribute(callee.appending(.item(keys)))
    }

    /// The same with a time limit, after which calls throw ``ProxyError/timedOut(after:)`` and are interrupted.
    ///
    /// - Parameters:
    ///   - timeout: nil: none.
    ///   - escalation: what to do if the call takes no note of that.
    public func with(
        timeout: Duration? = nil, escalation: Escalation = .none
    ) -> PythonAttribute {
        var attribute = self
        attribute.callee.options.timeout = timeout
        attribute.callee.options.escalation = escalation
        return attribute
    }

    /// The same, whose calls pass on what they print.
    ///
    /// What the call prints is then not shown in the program's own output. What threads print after its end is.
    ///
    /// - Parameter output: gets each piece, in order and one at a time, while the call runs, on a thread of the call's
    ///   own. The call returns when it has had all. If it falls behind by more than 16 MB, the oldest are dropped,
    ///   which ``OutputChunk/droppedBytes`` counts. After a call that is cancelled or takes too long it gets nothing
    ///   any more.
    public func with(output: @escaping @Sendable (OutputChunk) -> Void) -> PythonAttribute {
        var attribute = self
        attribute.callee.options.output = output
        return attribute
    }

    // MARK: Calling with names that are known at run time

    /// Calls the function, with any result.
    ///
    /// - Parameters:
    ///   - arguments: the positional arguments.
    ///   - keywords: the keyword arguments.
    @discardableResult
    public nonisolated(nonsending) func call(
        arguments: [PythonArgument], keywords: KeyValuePairs<String, PythonArgument> = [:]
    ) async throws -> PythonValue {
        try await callee.result(
            .call, PythonCallee.arguments(arguments, keywords.map { ($0.key, $0.value) }))
    }

    /// Calls the function, with a result of the type asked for.
    ///
    /// - Parameters:
    ///   - arguments: the positional arguments.
    ///   - keywords: the keyword arguments.
    public nonisolated(nonsending) func call<Value: Decodable>(
        arguments: [PythonArgument], keywords: KeyValuePairs<String, PythonArgument> = [:]
    ) async throws -> Value {
        try await callee.result(
            .call, PythonCallee.arguments(arguments, keywords.map { ($0.key, $0.value) }))
    }

    /// Calls the function with keyword arguments whose names are known only at run time.
    ///
    /// - Parameters:
    ///   - arguments: the positional arguments.
    ///   - keywords: the keyword arguments.
    @discardableResult
    public nonisolated(nonsending) func call(
        arguments: [PythonArgument], keywords: [(name: String, value: PythonArgument)]
    ) async throws -> PythonValue {
        try await callee.result(.call, PythonCallee.arguments(arguments, keywords))
    }

    /// Calls the function, with any result, however large.
    package nonisolated(nonsending) func callForAll(
        arguments: [PythonArgument], keywords: [(name: String, value: PythonArgument)]
    ) async throws -> PythonValue {
        let reply = try await callee.perform(
            .call, PythonCallee.arguments(arguments, keywords), as: .value)
        return try ValueCoding.decode(PythonValue.self, from: reply, as: "result")
    }

    // MARK: Reading and assigning

    /// The value of the attribute or item.
    public nonisolated(nonsending) func get() async throws -> PythonValue {
        try await callee.result(.get)
    }

    /// The value of the attribute or item, as the type asked for.
    public nonisolated(nonsending) func get<Value: Decodable>() async throws -> Value {
        try await callee.result(.get)
    }

    /// The value of the attribute or item, a tuple or list of exactly as many items.
    public nonisolated(nonsending) func get<
        First: Decodable, Second: Decodable, each Rest: Decodable
    >() async throws -> (First, Second, repeat each Rest) {
        try await callee.tuple(.get)
    }

    /// Assigns the attribute or item.
    public nonisolated(nonsending) func set(_ value: PythonArgument) async throws {
        _ = try await callee.perform(.set, [("", value ?? PythonValue.none)], as: .exact)
    }

    /// Deletes the attribute or item.
    public nonisolated(nonsending) func delete() async throws {
        _ = try await callee.perform(.delete, [], as: .exact)
    }
}

extension PythonAttribute: TargetOwner, TextOutputStreamable {
    var target: CallTarget { callee.target }
}

/// A Python method whose name is also that of an operation of ``PythonAttribute`` or ``PythonObject``.
///
/// ```swift
/// let response = try await python.requests.get("https://example.org", timeout: 5)
/// let status: Int = try await python.requests.codes.ok.get()      // reads the attribute
/// ```
///
/// `attribute.get(…)` is Python's method when the arguments are not those of the Swift operation of that name.
@dynamicCallable
public struct PythonMethod: PythonCallable {
    public let _callee: PythonCallee
}

extension PythonAttribute {
    private func method(_ name: String) -> PythonMethod {
        PythonMethod(_callee: callee.appending(.attribute(name)))
    }

    /// Python's own `get`, when it is called with arguments: `requests.get("https://example.org")`.
    @_disfavoredOverload
    public var get: PythonMethod { method("get") }
    /// Python's own `set`, when it is called with other arguments than one value: `axes.set(title: "a")`.
    @_disfavoredOverload
    public var set: PythonMethod { method("set") }
    /// Python's own `delete`, when it is called with arguments.
    @_disfavoredOverload
    public var delete: PythonMethod { method("delete") }
    /// Python's own `call`, when it is called with other arguments than `arguments` and `keywords`.
    @_disfavoredOverload
    public var call: PythonMethod { method("call") }
    /// Python's own `encode`: `text.encode("utf-8")`.
    public var encode: PythonAttribute { self[attribute: "encode"] }
    /// Python's own `write`: `sys.stdout.write("text")`.
    public var write: PythonAttribute { self[attribute: "write"] }
}

extension PythonObject: PythonCallable {
    public var _callee: PythonCallee {
        // All objects come from such connections.
        guard let home = reference.home as? LinkedConnection else {
            preconditionFailure("an object without a server")
        }
        return PythonCallee(link: home.link, target: target)
    }

    /// An attribute of the object.
    public subscript(dynamicMember name: String) -> PythonAttribute { self[attribute: name] }

    /// An attribute of the object, also one whose name is used in Swift.
    public subscript(attribute name: String) -> PythonAttribute {
        PythonAttribute(_callee.appending(.attribute(name)))
    }

    /// An item of the object. A range is a slice, several keys are a tuple.
    public subscript(_ keys: PythonArgument...) -> PythonAttribute {
        PythonAttribute(_callee.appending(.item(keys)))
    }

    /// Python's own `encode`.
    public var encode: PythonAttribute { self[attribute: "encode"] }
    /// Python's own `hash`.
    public var hash: PythonAttribute { self[attribute: "hash"] }
    /// Python's own `write`: `file.write("text")`.
    public var write: PythonAttribute { self[attribute: "write"] }
}
