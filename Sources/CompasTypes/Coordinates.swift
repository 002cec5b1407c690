/// The data of points and vectors: [x, y, z].
enum Coordinates {
    static func decode(from decoder: any Decoder) throws -> (Double, Double, Double) {
        var numbers = try decoder.unkeyedContainer()
        let coordinates = (
            try numbers.decode(Double.self), try numbers.decode(Double.self),
            try numbers.decode(Double.self)
        )
        guard numbers.isAtEnd else {
            throw DecodingError.dataCorruptedError(
                in: numbers, debugDescription: "a point has three coordinates")
        }
        return coordinates
    }

    static func encode(_ x: Double, _ y: Double, _ z: Double, to encoder: any Encoder) throws {
        var numbers = encoder.unkeyedContainer()
        for number in [x, y, z] { try numbers.encode(number) }
    }
}
