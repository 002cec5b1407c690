/// What `__exit__` gets.
struct ThrownError: Encodable, Sendable {
    let type: String?
    let module: String
    let arguments: [PythonValue]
    let text: String

    init(_ error: any Error) {
        let raised = error as? PythonError
        type = raised?.type
        module = raised?.module ?? ""
        arguments = raised?.args ?? []
        text = "\(error)"
    }

    func encode(to encoder: any Encoder) throws {
        var container = encoder.unkeyedContainer()
        try container.encode(type)
        try container.encode(module)
        try container.encode(arguments)
        try container.encode(text)
    }
}
