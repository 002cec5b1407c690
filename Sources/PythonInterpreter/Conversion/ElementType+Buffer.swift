import ProxyWire

extension ElementType {
    /// The element type of a buffer, from its format in the syntax of Python's `struct` module as
    /// PEP 3118 extends it; nil if it has no form on the wire.
    ///
    /// - Parameter size: of one item in bytes, since the sizes of `l` and `L` vary by platform.
    static func buffer(format: String, size: Int) -> (type: ElementType, isBigEndian: Bool)? {
        var code = Substring(format)
        var isBigEndian = false
        if let order = code.first, "@=<>!".contains(order) {
            isBigEndian = order == ">" || order == "!"
            code = code.dropFirst()
        }
        let type: ElementType? =
            switch (code, size) {
            case ("?", 1): .bool
            case ("b", 1): .int8
            case ("B", 1): .uint8
            case ("h", 2): .int16
            case ("H", 2): .uint16
            case ("i", 4), ("l", 4): .int32
            case ("I", 4), ("L", 4): .uint32
            case ("q", 8), ("l", 8): .int64
            case ("Q", 8), ("L", 8): .uint64
            case ("e", 2): .float16
            case ("f", 4): .float32
            case ("d", 8): .float64
            case ("Zf", 8): .complex64
            case ("Zd", 16): .complex128
            default: nil
            }
        return type.map { ($0, isBigEndian) }
    }
}
