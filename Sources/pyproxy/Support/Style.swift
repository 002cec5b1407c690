import Foundation

/// Bold and dim text on a terminal, plain text elsewhere and where `NO_COLOR` is set (no-color.org).
struct Style {
    private let isActive: Bool

    init() {
        let variables = ProcessInfo.processInfo.environment
        isActive =
            isatty(1) == 1 && (variables["NO_COLOR"] ?? "").isEmpty && variables["TERM"] != "dumb"
    }

    func bold(_ text: String) -> String { isActive ? "\u{1B}[1m\(text)\u{1B}[0m" : text }
    func dim(_ text: String) -> String { isActive ? "\u{1B}[2m\(text)\u{1B}[0m" : text }
}
