import Foundation
import ProxyWire

/// An object of COMPAS: what its own serialisation keeps of it. Asked for as another type it is its data.
///
/// ```swift
/// let mesh: CompasData = try await compas.datastructures.Mesh.from_polyhedron(12)
/// mesh.dtype                                  // "compas.datastructures/Mesh"
/// let geometry = try mesh.data.as(MyMesh.self)
/// ```
///
/// Passed to Python, it is the object again. To send types of your own, see ``CompasConvertible``.
public struct CompasData: Sendable, Hashable {
    /// COMPAS's name of the type: "compas.geometry/Point".
    public var dtype: String
    /// Nil: the object gets a new one.
    public var guid: UUID?
    /// Nil if the object was given none.
    public var name: String?
    public var data: PythonValue

    public init(dtype: String, guid: UUID? = nil, name: String? = nil, data: PythonValue) {
        self.dtype = dtype
        self.guid = guid
        self.name = name
        self.data = data
    }
}

extension CompasData: TaggedValue {
    static var tags: [UInt64] { [CBORTag.compas] }
    static var plainForm: PythonTaggedValue.PlainForm { .item(3) }

    var tagged: (tag: UInt64, content: PythonValue) {
        (
            CBORTag.compas,
            [
                .string(dtype), PythonValue(guid?.uuidString.lowercased()), PythonValue(name), data,
            ]
        )
    }

    init(tag: UInt64, content: PythonValue) throws {
        let parts = try content.items(4)
        dtype = try parts[0].text()
        guid = try parts[1].optionalText().map { text in
            guard let guid = UUID(uuidString: text) else { throw ContentMismatch() }
            return guid
        }
        name = try parts[2].optionalText()
        data = parts[3]
    }
}
