/// Elements in nested brackets, the middle of long dimensions left out as numpy does.
enum NestedDescription {
    /// More elements than this are abbreviated.
    private static let threshold = 1000
    private static let edge = 3

    static func of(shape: [Int], elements: [String]) -> String {
        // An array without elements may have any number of empty rows.
        if elements.isEmpty { return "[]" }
        return of(
            shape: shape[...], elements: elements[...], abbreviates: elements.count > threshold)
    }

    private static func of(
        shape: ArraySlice<Int>, elements: ArraySlice<String>, abbreviates: Bool
    ) -> String {
        guard let length = shape.first else { return elements.first ?? "" }
        let stride = length == 0 ? 0 : elements.count / length
        func item(_ index: Int) -> String {
            let start = elements.startIndex + index * stride
            return of(
                shape: shape.dropFirst(), elements: elements[start..<start + stride],
                abbreviates: abbreviates)
        }
        guard abbreviates, length > 2 * edge else {
            return "[" + (0..<length).map(item).joined(separator: ", ") + "]"
        }
        let head = (0..<edge).map(item)
        let tail = (length - edge..<length).map(item)
        return "[" + (head + ["..."] + tail).joined(separator: ", ") + "]"
    }
}
