/// A Swift type that is sent as an object of COMPAS.
///
/// ```swift
/// struct Sphere: CompasConvertible {
///     static let compasDtype = "compas.geometry/Sphere"
///     var frame: Frame
///     var radius: Double
/// }
/// ```
///
/// What `encode(to:)` writes is the object's data, and what comes back is decoded from it; the names of the
/// properties, or the coding keys, are those of COMPAS.
public protocol CompasConvertible: Codable, Sendable {
    /// COMPAS's name of the type: "compas.geometry/Point".
    static var compasDtype: String { get }
}
