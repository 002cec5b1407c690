/// Asks the system for two descriptors.
///
/// - Parameters:
///   - activity: for the error.
///   - create: fills two numbers in; returns -1 with errno set if it cannot.
func descriptorPair(
    _ activity: String, _ create: (UnsafeMutablePointer<Int32>) -> Int32
) throws(SystemError) -> (Int32, Int32) {
    var numbers: (Int32, Int32) = (-1, -1)
    let result = withUnsafeMutableBytes(of: &numbers) {
        create($0.assumingMemoryBound(to: Int32.self).baseAddress.unsafelyUnwrapped)
    }
    guard result == 0 else { throw SystemError(activity) }
    return numbers
}
