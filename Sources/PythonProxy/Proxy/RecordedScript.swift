import ProxyWire

/// A script that has been recorded, and what is to be returned of it.
struct RecordedScript: Sendable {
    private let recording: ScriptRecorder.Recording
    private let fileID: StaticString
    private let line: UInt

    /// - Parameter body: gets all of Python, and the parameters.
    init(
        _ fileID: StaticString, _ line: UInt, parameterCount: Int = 0,
        _ body: (PythonExpression, [PythonExpression]) throws -> PythonExpression
    ) throws {
        try self.init(fileID, line, parameterCount, asTuple: false) { [try body($0, $1)] }
    }

    /// - Parameter body: returns the items of a tuple.
    init(
        _ fileID: StaticString, _ line: UInt, parameterCount: Int = 0,
        tuple body: (PythonExpression, [PythonExpression]) throws -> [PythonExpression]
    ) throws {
        try self.init(fileID, line, parameterCount, asTuple: true, body)
    }

    private init(
        _ fileID: StaticString, _ line: UInt, _ parameterCount: Int, asTuple isTuple: Bool,
        _ body: (PythonExpression, [PythonExpression]) throws -> [PythonExpression]
    ) throws {
        let recorder = ScriptRecorder(parameterCount: parameterCount)
        func operand(_ operand: ScriptRecorder.Operand) -> PythonExpression {
            PythonExpression(CallTarget(root: .script(recorder, operand)))
        }
        do {
            let results = try body(
                operand(.name("")), (0..<parameterCount).map { operand(.operand($0)) })
            recording = try recorder.end(returning: results, asTuple: isTuple)
        } catch {
            recorder.abandon()
            throw error
        }
        self.fileID = fileID
        self.line = line
    }

    // MARK: Running

    nonisolated(nonsending) func run<Value: Decodable>(
        on link: ServerLink, _ options: CallOptions,
        _ parameters: [any Encodable & Sendable] = []
    ) async throws -> Value {
        let reply = try await perform(
            on: link, options, parameters, as: SchemaBuilder.schema(of: Value.self))
        return try ConversionError.naming(function: name) {
            try ValueCoding.decode(Value.self, from: reply, as: "result")
        }
    }

    nonisolated(nonsending) func runForTuple<each Value: Decodable>(
        on link: ServerLink, _ options: CallOptions,
        _ parameters: [any Encodable & Sendable] = []
    ) async throws -> (repeat each Value) {
        var schemas: [ValueSchema] = []
        for type in repeat (each Value).self { schemas.append(SchemaBuilder.schema(of: type)) }
        let reply = try await perform(on: link, options, parameters, as: .tuple(schemas))
        return try ConversionError.naming(function: name) {
            try ValueCoding.decode(
                tuple: (repeat each Value).self, from: reply, as: "result")
        }
    }

    private nonisolated(nonsending) func perform(
        on link: ServerLink, _ options: CallOptions, _ parameters: [any Encodable & Sendable],
        as schema: ValueSchema
    ) async throws -> ValueCoding.Encoded {
        let isTraced = link.tracesObjects && schema.mayHaveObjects
        let request = CallRequest(
            operation: .script, target: .name(""), arguments: [], schema: schema,
            place: isTraced ? place : nil, context: PythonContext.innermost(of: link),
            script: .init(recording: recording, parameters: parameters))
        do {
            return try await options.call(request, on: link)
        } catch var error as PythonError {
            if let number = error.step {
                error.notes.append(note(ofStep: number))
            }
            throw error
        } catch ProxyError.conversion(let error) {
            throw ProxyError.conversion(error.of(function: name))
        }
    }

    /// Says where a step is in the program.
    private func note(ofStep number: Int) -> String {
        let index = number - 1
        let step = ScriptText(recording, steps: number).steps.dropFirst(index).first ?? "…"
        let line = recording.callers.dropFirst(index).first.flatMap(SourcePlace.of)
        return (line.map { "at \($0), " } ?? "")
            + "in step \(number) of the script at \(place): \(step)"
    }

    /// "Solver.swift:12".
    private var place: String { SourcePlace.name(fileID, line) }

    /// For messages.
    private var name: String { "the script at \(place)" }
}
