/// Arrays as numpy's `str` and `repr` show them: columns aligned, lines of 75 characters, the middle of more than a
/// thousand elements left out.
///
/// Source: the behaviour of `numpy.array2string` with its default options (numpy 2).
struct ArrayDescription {
    private static let threshold = 1000
    private static let edge = 3
    private static let lineWidth = 75
    private static let prefix = "array("

    /// Between elements, and between rows.
    private let separator: String
    private let shape: [Int]
    /// Of the elements that are shown, in order.
    private var words: ArraySlice<String> = []
    private let abbreviates: Bool

    /// As `str`.
    static func text(of array: AnyNDArray) -> String {
        var description = ArrayDescription(array, separator: "")
        return array.count == 0 ? "[]" : description.nested(0, indent: 0)
    }

    /// As `repr`.
    ///
    /// - Parameter suffix: what follows the elements: the dtype, where it is not what one would think.
    static func representation(of array: AnyNDArray, suffix: String?) -> String {
        var description = ArrayDescription(array, separator: ",")
        var suffixes: [String] = []
        if description.abbreviates || array.count == 0 && array.shape != [0] {
            let lengths = array.shape.map(String.init).joined(separator: ", ")
            suffixes.append("shape=(\(lengths)\(array.shape.count == 1 ? "," : ""))")
        }
        if let suffix { suffixes.append("dtype=" + suffix) }
        // An array without elements may have any number of empty rows.
        let elements = array.count == 0 ? "[]" : description.nested(0, indent: prefix.count)
        guard !suffixes.isEmpty else { return prefix + elements + ")" }
        let end = suffixes.joined(separator: ", ") + ")"
        let lastLine = (prefix + elements).split(separator: "\n").last?.count ?? 0
        let fits = lastLine + end.count + 1 <= lineWidth
        return prefix + elements + (fits ? ", " : ",\n" + spaces(prefix.count)) + end
    }

    private init(_ array: AnyNDArray, separator: String) {
        self.separator = separator
        shape = array.shape
        abbreviates = array.count > Self.threshold
        guard array.count > 0 else { return }
        var shown: [Int] = []
        Self.collect(array.shape[...], 0, array.count, abbreviates, into: &shown)
        words = ElementFormat.words(of: array, at: shown)[...]
    }

    /// The positions of the elements that are shown.
    private static func collect(
        _ shape: ArraySlice<Int>, _ start: Int, _ count: Int, _ abbreviates: Bool,
        into shown: inout [Int]
    ) {
        guard let length = shape.first else { return shown.append(start) }
        let stride = count / length
        for index in visible(length, abbreviates).compactMap({ $0 }) {
            collect(shape.dropFirst(), start + index * stride, stride, abbreviates, into: &shown)
        }
    }

    /// The indices that are shown; nil stands for those that are not.
    private static func visible(_ length: Int, _ abbreviates: Bool) -> [Int?] {
        guard abbreviates, length > 2 * edge else { return Array(0..<length) }
        return Array(0..<edge) + [nil] + Array(length - edge..<length)
    }

    private static func spaces(_ count: Int) -> String { String(repeating: " ", count: count) }

    private mutating func nested(_ axis: Int, indent: Int) -> String {
        guard axis < shape.count else { return words.popFirst() ?? "" }
        let indices = Self.visible(shape[axis], abbreviates)
        if axis == shape.count - 1 { return row(indices, indent: indent + 1) }
        let separator =
            separator + String(repeating: "\n", count: shape.count - 1 - axis)
            + Self.spaces(indent + 1)
        let parts = indices.map { $0 == nil ? "..." : nested(axis + 1, indent: indent + 1) }
        return "[" + parts.joined(separator: separator) + "]"
    }

    /// One row, wrapped where it is too long.
    private mutating func row(_ indices: [Int?], indent: Int) -> String {
        var lines = [""]
        // Brackets of all dimensions close behind the last element of the array.
        let room = Self.lineWidth - indent - max(shape.count - 1, 1)
        for (position, index) in indices.enumerated() {
            let word = index == nil ? "..." : words.popFirst() ?? ""
            let isLast = position == indices.count - 1
            let line = lines[lines.count - 1]
            if !line.isEmpty, line.count + word.count + (isLast ? 0 : separator.count) > room {
                // As numpy: no spaces at the end of a line.
                let end = line.lastIndex { $0 != " " }.map(line.index(after:)) ?? line.startIndex
                lines[lines.count - 1] = String(line[..<end])
                lines.append("")
            }
            lines[lines.count - 1] += word + (isLast ? "" : separator + " ")
        }
        return "[" + lines.joined(separator: "\n" + Self.spaces(indent)) + "]"
    }
}
