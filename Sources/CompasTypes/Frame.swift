import PythonProxy

/// A `compas.geometry.Frame`: a plane with axes.
public struct Frame: CompasConvertible, Hashable {
    public static let compasDtype = "compas.geometry/Frame"

    /// The origin.
    public var point: Point
    /// Of length 1.
    public var xaxis: Vector
    /// Of length 1 and at a right angle to the other one.
    public var yaxis: Vector

    public init(point: Point, xaxis: Vector, yaxis: Vector) {
        self.point = point
        self.xaxis = xaxis
        self.yaxis = yaxis
    }

    private enum CodingKeys: CodingKey { case point, xaxis, yaxis }

    /// In the data of a frame points are lists, not objects.
    public func encode(to encoder: any Encoder) throws {
        var data = encoder.container(keyedBy: CodingKeys.self)
        try data.encode([point.x, point.y, point.z], forKey: .point)
        try data.encode([xaxis.x, xaxis.y, xaxis.z], forKey: .xaxis)
        try data.encode([yaxis.x, yaxis.y, yaxis.z], forKey: .yaxis)
    }
}
