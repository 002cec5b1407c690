import PythonProxy

/// A `compas.datastructures.Mesh`: vertices and faces by their keys.
///
/// Other attributes than the coordinates stay behind; ask for ``PythonProxy/CompasData`` to have them all.
public struct Mesh: CompasConvertible, Hashable {
    public static let compasDtype = "compas.datastructures/Mesh"

    /// The positions of the vertices.
    public var vertices: [Int: Point]
    /// The vertices around each face.
    public var faces: [Int: [Int]]

    public init(vertices: [Int: Point], faces: [Int: [Int]]) {
        self.vertices = vertices
        self.faces = faces
    }

    /// A mesh whose vertices and faces are counted from 0.
    public init(vertices: [Point], faces: [[Int]]) {
        self.init(
            vertices: Dictionary(uniqueKeysWithValues: vertices.enumerated().map { ($0, $1) }),
            faces: Dictionary(uniqueKeysWithValues: faces.enumerated().map { ($0, $1) }))
    }

    private enum CodingKeys: String, CodingKey {
        case vertex, face, facedata, edgedata, attributes
        case maximumVertex = "max_vertex"
        case maximumFace = "max_face"
        // The defaults of attributes, as version 2 of COMPAS calls them …
        case vertexDefaults = "default_vertex_attributes"
        case edgeDefaults = "default_edge_attributes"
        case faceDefaults = "default_face_attributes"
        // … and as version 1 does.
        case dva, dea, dfa
    }

    private struct Position: Codable {
        var x: Double
        var y: Double
        var z: Double
    }

    public init(from decoder: any Decoder) throws {
        let data = try decoder.container(keyedBy: CodingKeys.self)
        // The keys are ints in version 1 of COMPAS, and text in version 2.
        vertices = try Self.entries(data, .vertex) { (position: Position) in
            Point(position.x, position.y, position.z)
        }
        faces = try Self.entries(data, .face) { (vertices: [Int]) in vertices }
    }

    private static func entries<Entry: Decodable, Value>(
        _ data: KeyedDecodingContainer<CodingKeys>, _ key: CodingKeys,
        _ convert: (Entry) -> Value
    ) throws -> [Int: Value] {
        let entries = try data.nestedContainer(keyedBy: IntegerKey.self, forKey: key)
        var values: [Int: Value] = [:]
        for key in entries.allKeys {
            values[key.number] = convert(try entries.decode(Entry.self, forKey: key))
        }
        return values
    }

    public func encode(to encoder: any Encoder) throws {
        var data = encoder.container(keyedBy: CodingKeys.self)
        let nothing: [String: Double] = [:]
        try data.encode(
            vertices.mapValues { Position(x: $0.x, y: $0.y, z: $0.z) }, forKey: .vertex)
        try data.encode(faces, forKey: .face)
        for key in [CodingKeys.facedata, .edgedata, .attributes] {
            try data.encode(nothing, forKey: key)
        }
        let origin = ["x": 0.0, "y": 0, "z": 0]
        for key in [CodingKeys.vertexDefaults, .dva] { try data.encode(origin, forKey: key) }
        for key in [CodingKeys.edgeDefaults, .faceDefaults, .dea, .dfa] {
            try data.encode(nothing, forKey: key)
        }
        try data.encode(vertices.keys.max() ?? -1, forKey: .maximumVertex)
        try data.encode(faces.keys.max() ?? -1, forKey: .maximumFace)
    }
}

/// A key of a dict that is a number, or the text of one.
private struct IntegerKey: CodingKey {
    let number: Int

    init?(stringValue: String) {
        guard let number = Int(stringValue) else { return nil }
        self.number = number
    }

    init?(intValue: Int) { number = intValue }

    var stringValue: String { String(number) }
    var intValue: Int? { number }
}
