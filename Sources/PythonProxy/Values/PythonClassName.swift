/// The name of a Python class, which is found by it again.
public struct PythonClassName: Sendable, Hashable {
    public var module: String
    /// Within the module: "Outer.Inner".
    public var qualifiedName: String

    public init(module: String, qualifiedName: String) {
        self.module = module
        self.qualifiedName = qualifiedName
    }

    /// From the first two of the parts of a value.
    init(_ parts: [PythonValue]) throws {
        module = try parts[0].text()
        qualifiedName = try parts[1].text()
    }

    var parts: [PythonValue] { [.string(module), .string(qualifiedName)] }
}
