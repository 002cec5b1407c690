import PythonProxy

/// A `compas.geometry.Point`, and an example of a Swift type that is sent as an object of COMPAS.
public struct Point: CompasConvertible, Hashable {
    public static let compasDtype = "compas.geometry/Point"

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
