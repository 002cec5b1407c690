/// Names of Swift types as they are written in code: "[Double]?" for `Optional<Array<Double>>`.
enum TypeName {
    static func of(_ type: Any.Type) -> String {
        var rest = Substring(String(describing: type))
        return read(&rest)
    }

    private static func read(_ rest: inout Substring) -> String {
        if rest.first == "(" {
            rest.removeFirst()
            let parts = list(&rest, until: ")")
            return "(" + parts.joined(separator: ", ") + ")"
        }
        let name = String(rest.prefix { !"<>,()".contains($0) })
        rest = rest.dropFirst(name.count)
        guard rest.first == "<" else { return name }
        rest.removeFirst()
        let parts = list(&rest, until: ">")
        return switch (name, parts.count) {
        case ("Array", 1): "[\(parts[0])]"
        case ("Optional", 1): parts[0] + "?"
        case ("Dictionary", 2): "[\(parts[0]): \(parts[1])]"
        default: name + "<" + parts.joined(separator: ", ") + ">"
        }
    }

    private static func list(_ rest: inout Substring, until end: Character) -> [String] {
        var parts: [String] = []
        while let next = rest.first {
            if next == end {
                rest.removeFirst()
                break
            }
            if next == "," || next == " " {
                rest.removeFirst()
                continue
            }
            let before = rest.count
            parts.append(read(&rest))
            // What is none of these, such as the arrow of a function.
            if rest.count == before { rest.removeFirst() }
        }
        return parts
    }
}
