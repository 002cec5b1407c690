import PythonProxy

/// A `compas.geometry.Vector`.
public struct Vector: CompasConvertible, Hashable {
    public static let compasDtype = "compas.geometry/Vector"

    public var x: Double
    public var y: Double
    public var z: Double

    public init(_ x: Double, _ y: Double, _ z: Double) {
        self.x = x
        self.y = y
        self.z = z
    }

    public init(from decoder: any Decoder) throws {
        (x, y, z) = try Coordinates.decode(from: decoder)
    }

    public func encode(to encoder: any Encoder) throws {
        try Coordinates.encode(x, y, z, to: encoder)
    }
}
