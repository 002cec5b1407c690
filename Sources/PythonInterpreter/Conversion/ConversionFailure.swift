import ProxyWire

/// Why a value did not cross.
enum ConversionFailure: Error {
    /// Python raised; the exception is set in the current thread.
    case raised
    /// The value has no form on the other side.
    case unsupported(UnsupportedValue)
    /// What the client sent is not the protocol.
    case malformed(WireError)
}

/// A value that cannot cross, and where it stands.
struct UnsupportedValue {
    let message: String
    /// What the reason concerns.
    enum Extent {
        /// The value alone.
        case value
        /// The value that the tag around it stands for, if there is one: a table, say, of one of its columns.
        case tagged
        /// The whole result.
        case whole
    }

    var extent = Extent.value
    /// From the innermost container outwards: ["['points']", "[3]"].
    var place: [String] = []
    /// Whether inner steps of the place have been left out.
    var isPlaceShortened = false
}

extension ConversionFailure {
    static func unsupported(
        _ message: String, _ extent: UnsupportedValue.Extent = .value
    ) -> ConversionFailure {
        .unsupported(UnsupportedValue(message: message, extent: extent))
    }

    private static let longestPlace = 8

    /// The same failure, seen from one container further out.
    func inside(_ step: @autoclosure () -> String) -> ConversionFailure {
        guard case .unsupported(var value) = self else { return self }
        // The whole place in a cycle or a very deep nesting would be unreadable: the outer steps do.
        if value.place.count >= Self.longestPlace {
            value.place.removeFirst()
            value.isPlaceShortened = true
        }
        value.place.append(step())
        return .unsupported(value)
    }
}

extension UnsupportedValue {
    /// "result[3]['points']".
    var fullPlace: String { place.reversed().joined() + (isPlaceShortened ? "…" : "") }
}

/// Runs wire code where conversion code is expected.
@inline(__always)
func wire<Value>(_ body: () throws(WireError) -> Value) throws(ConversionFailure) -> Value {
    do { return try body() } catch { throw .malformed(error) }
}
