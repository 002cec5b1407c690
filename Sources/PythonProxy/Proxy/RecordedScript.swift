import ProxyWire

/// A script that has been recorded, and what is to be returned of it.
struct RecordedScript: Sendable {
    private let recorder: ScriptRecorder
    private let result: any Encodable & Sendable
    /// "Solver.swift:12".
    private let place: String

    /// - Parameter body: gets all of Python, and the parameters.
    init(
        _ fileID: StaticString, _ line: UInt, parameterCount: Int = 0,
        _ body: (PythonExpression, [PythonExpression]) throws -> PythonExpression
    ) throws {
        let (recorder, result) = try Self.record(parameterCount, body)
        self.init(recorder, result, fileID, line)
    }

    /// - Parameter body: returns the items of a tuple.
    init(
        _ fileID: StaticString, _ line: UInt, parameterCount: Int = 0,
        _ body: (PythonExpression, [PythonExpression]) throws -> [PythonExpression]
    ) throws {
        let (recorder, results) = try Self.record(parameterCount, body)
        self.init(recorder, Items(expressions: results), fileID, line)
    }

    private init(
        _ recorder: ScriptRecorder, _ result: any Encodable & Sendable, _ fileID: StaticString,
        _ line: UInt
    ) {
        self.recorder = recorder
        self.result = result
        place = "\("\(fileID)".split(separator: "/").last ?? ""):\(line)"
    }

    private static func record<Result>(
        _ parameterCount: Int, _ body: (PythonExpression, [PythonExpression]) throws -> Result
    ) rethrows -> (ScriptRecorder, Result) {
        let recorder = ScriptRecorder(parameterCount: parameterCount)
        defer { recorder.end() }
        let parameters = (0..<parameterCount).map {
            PythonExpression(CallTarget(root: .step(recorder, $0)))
        }
        let python = PythonExpression(CallTarget(root: .scriptName(recorder, "")))
        return (recorder, try body(python, parameters))
    }

    /// Expressions as a tuple.
    private struct Items: PythonEncodable, Encodable, Sendable {
        let expressions: [PythonExpression]

        func encode(into writer: inout PythonWriter) throws {
            try writer.nested { writer in
                writer.cbor.tag(CBORTag.tuple)
                writer.cbor.array(count: expressions.count)
                for expression in expressions { try writer.encode(expression) }
            }
        }

        func encode(to encoder: any Encoder) throws {
            var container = encoder.unkeyedContainer()
            for expression in expressions { try container.encode(expression) }
        }
    }

    // MARK: Running

    nonisolated(nonsending) func run<Value: Decodable>(
        on link: ServerLink, _ parameters: [any Encodable & Sendable] = []
    ) async throws -> Value {
        let reply = try await perform(
            on: link, parameters, as: SchemaBuilder.schema(of: Value.self))
        return try naming { try ValueCoding.decode(Value.self, from: reply, as: "result") }
    }

    nonisolated(nonsending) func runForTuple<each Value: Decodable>(
        on link: ServerLink, _ parameters: [any Encodable & Sendable] = []
    ) async throws -> (repeat each Value) {
        var schemas: [ValueSchema] = []
        for type in repeat (each Value).self { schemas.append(SchemaBuilder.schema(of: type)) }
        let reply = try await perform(on: link, parameters, as: .tuple(schemas))
        return try naming {
            try ValueCoding.decode(
                tuple: (repeat each Value).self, from: reply, as: "result")
        }
    }

    private nonisolated(nonsending) func perform(
        on link: ServerLink, _ parameters: [any Encodable & Sendable], as schema: ValueSchema
    ) async throws -> ValueCoding.Encoded {
        let isTraced = link.tracesObjects && schema.mayHaveObjects
        let request = CallRequest(
            operation: .script, target: .name(""), arguments: [], schema: schema,
            place: isTraced ? place : nil,
            script: .init(recorder: recorder, parameters: parameters, result: result))
        do {
            return try await link.call(request)
        } catch var error as PythonError {
            if let number = error.step, let step = recorder.steps[checked: number - 1] {
                error.notes.append("in step \(number) of the script at \(place): \(step)")
            }
            throw error
        } catch ProxyError.conversion(let error) {
            throw ProxyError.conversion(error.of(function: "the script at \(place)"))
        }
    }

    private func naming<Value>(_ body: () throws -> Value) throws -> Value {
        do { return try body() } catch ProxyError.conversion(let error) {
            throw ProxyError.conversion(error.of(function: "the script at \(place)"))
        }
    }
}

extension Array {
    fileprivate subscript(checked index: Int) -> Element? {
        indices.contains(index) ? self[index] : nil
    }
}
