import PythonProxy

/// A `compas.geometry.Polyline`.
public struct Polyline: CompasConvertible, Hashable {
    public static let compasDtype = "compas.geometry/Polyline"

    public var points: [Point]

    public init(_ points: [Point]) {
        self.points = points
    }

    private enum CodingKeys: CodingKey { case points }

    /// In the data of a polyline points are lists, not objects.
    public func encode(to encoder: any Encoder) throws {
        var data = encoder.container(keyedBy: CodingKeys.self)
        try data.encode(points.map { [$0.x, $0.y, $0.z] }, forKey: .points)
    }
}
