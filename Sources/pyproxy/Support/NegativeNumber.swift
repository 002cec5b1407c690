/// Numbers below zero on the command line, which look like options.
enum NegativeNumber {
    /// The text in a form that is no option, if it is a number below zero as JSON and Python write it.
    ///
    /// JSON may begin with a space.
    static func asValue(_ text: String) -> String {
        let isNumber =
            text == "-Infinity"
            || text.hasPrefix("-") && Double(text) != nil
                && text.dropFirst().first.map { $0.isASCII && $0.isNumber || $0 == "." } == true
        return isNumber ? " " + text : text
    }
}
