import ProxyWire

/// A module of Python source code on the server.
///
/// ```swift
/// let lab = try await PythonModule("""
///     def square(x): return x * x
///     """, on: proxy)
/// let nine: Int = try await lab.square(3)
/// ```
///
/// It is a module of its own, with whatever a module may have: decorators, classes, generators. Tracebacks show its
/// lines. As an argument, and in a script as `py[lab]`, it is an object with the names of the module. When the last copy
/// of this value and of attributes taken from it is gone, the server forgets the module; functions and objects that were
/// made in it go on working. Servers that are limited to packages (`expose:`) refuse it.
@dynamicMemberLookup
public struct PythonModule: Sendable {
    /// The module as an object.
    public let object: PythonObject

    /// Runs source code as a module.
    ///
    /// - Parameters:
    ///   - source: the code.
    ///   - proxy: of the server.
    ///   - fileID: for tracebacks: the file of the program.
    ///   - line: for tracebacks: the line in it.
    /// - Throws: `PythonError` if it cannot be compiled or raises.
    public init(
        _ source: String, on proxy: Proxy, fileID: StaticString = #fileID, line: UInt = #line
    ) async throws {
        object = try await PythonCallee(link: proxy.link, target: .name("make_module")).result(
            .service, [("", source), ("", SourcePlace.name(fileID, line))])
    }

    /// A name of the module.
    public subscript(dynamicMember name: String) -> PythonAttribute { object[attribute: name] }

    /// A name of the module, also one that Swift cannot spell.
    public subscript(attribute name: String) -> PythonAttribute { object[attribute: name] }
}

/// As an argument it is an object with the names of the module.
extension PythonModule: TargetOwner, Encodable, TextOutputStreamable {
    var target: CallTarget { object.target }

    /// Python's own `encode`.
    public var encode: PythonAttribute { self[attribute: "encode"] }
    /// Python's own `write`.
    public var write: PythonAttribute { self[attribute: "write"] }

    /// As "<PythonModule on server 4711>"; the server is not asked.
    public func write<Target: TextOutputStream>(to stream: inout Target) {
        object.write(to: &stream)
    }
}
