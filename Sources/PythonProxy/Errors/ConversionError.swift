/// A value that did not fit, and where in the structure it stands.
public struct ConversionError: Error, Sendable, Equatable, CustomStringConvertible {
    /// What does not fit, and what to do about it.
    public let message: String
    /// As one would write it in code: "result[3]['points']". Empty for a value by itself.
    public private(set) var place: String

    public init(_ message: String, place: String = "") {
        self.message = message
        self.place = place
    }

    public var description: String { place.isEmpty ? message : "\(place): \(message)" }

    /// The same error, seen from one container further out.
    func inside(_ step: String) -> ConversionError {
        ConversionError(message, place: step + place)
    }
}
