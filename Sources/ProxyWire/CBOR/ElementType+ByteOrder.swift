extension ElementType {
    /// The size of the numbers inside one element: what a change of byte order reverses.
    package var numberSize: Int {
        switch self {
        case .complex64, .complex128: size / 2
        default: size
        }
    }

    /// Turns the byte order of `bytes`, which are elements of this type.
    package func swapBytes(_ bytes: UnsafeMutableRawBufferPointer) {
        let width = numberSize
        guard width > 1 else { return }
        for start in stride(from: 0, to: bytes.count, by: width) {
            var number = UnsafeMutableRawBufferPointer(rebasing: bytes[start..<start + width])
            number.reverse()
        }
    }
}
