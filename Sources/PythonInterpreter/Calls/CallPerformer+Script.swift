import CPythonABI
import ProxyWire

/// Scripts: many steps in one call. Each is performed as a call of its own would be, in the order in which they are
/// written.
extension CallPerformer {
    /// Reads and performs the positional and keyword arguments of a script.
    ///
    /// - Returns: its result.
    func performScript(
        _ reader: inout CBORReader, _ decoder: inout ObjectDecoder, _ known: ArgumentObjects,
        _ script: ScriptValues
    ) throws(ConversionFailure) -> OwnedReference {
        // Nothing is begun of what is not complete.
        try wire { () throws(WireError) in
            var ahead = reader
            try ahead.skip()
            try reader.array(count: 3)
        }
        try items(&reader) { (reader) throws(ConversionFailure) in
            script.addParameter(try decoder.decode(&reader))
        }
        try performSteps(&reader, &decoder, known, script)
        let result: OwnedReference
        do { result = try decoder.decode(&reader) } catch { throw error.inside("the result") }
        try wire { () throws(WireError) in try reader.skip() }
        return result
    }

    private func performSteps(
        _ reader: inout CBORReader, _ decoder: inout ObjectDecoder, _ known: ArgumentObjects,
        _ script: ScriptValues
    ) throws(ConversionFailure) {
        try items(&reader) { (reader) throws(ConversionFailure) in
            let position = script.begin()
            do throws(ConversionFailure) {
                // Exceptions from outside are raised by Python code.
                _ = try call(checkpoint)
                try performStep(at: position, &reader, &decoder, known, script)
            } catch {
                script.fails(at: position)
                throw error
            }
        }
    }

    private func performStep(
        at position: Int, _ reader: inout CBORReader, _ decoder: inout ObjectDecoder,
        _ known: ArgumentObjects, _ script: ScriptValues
    ) throws(ConversionFailure) {
        let operation = try wire { () throws(WireError) in
            try reader.array(count: 4)
            return CallOperation(rawValue: try reader.unsigned())
        }
        switch operation {
        case .call, .get, .set, .delete:
            let target = try readTarget(&reader, &decoder)
            let arguments = try ArgumentVector(
                from: &reader, decoder: &decoder, keywordNames: known.keywordNames)
            script.set(position, try perform(operation ?? .get, target, arguments, known))
        case .enter:
            let target = try readTarget(&reader, &decoder)
            let manager = try ContextManager(try value(of: target, known), known)
            script.set(position, try manager.enter())
            try performBlock(of: manager, at: position, &reader, &decoder, known, script)
        case .open, .service, .script, nil:
            throw .malformed(.malformed("not an operation of a step", offset: reader.offset))
        }
    }

    /// Performs the steps of a `with` statement that has been entered, and leaves it.
    private func performBlock(
        of manager: borrowing ContextManager, at position: Int, _ reader: inout CBORReader,
        _ decoder: inout ObjectDecoder, _ known: ArgumentObjects, _ script: ScriptValues
    ) throws(ConversionFailure) {
        let count = try wire { () throws(WireError) in
            try reader.array(count: 2)
            return Int(clamping: min(try reader.unsigned(), UInt64(reader.remaining)))
        }
        var end = reader
        try wire { () throws(WireError) in try end.skip() }
        do throws(ConversionFailure) {
            try performSteps(&reader, &decoder, known, script)
        } catch {
            guard try manager.leave(after: error) else { throw error }
            script.recovers()
            script.skip(to: position + 1 + count)
            reader = end
            return try wire { () throws(WireError) in try reader.skip() }
        }
        try manager.leave()
        try wire { () throws(WireError) in try reader.skip() }
    }

    private func value(
        of target: borrowing CallTarget, _ known: ArgumentObjects
    ) throws(ConversionFailure) -> OwnedReference {
        switch target {
        case .name(let text): try known.named(text)
        case .path(let end): try known.value(of: end)
        }
    }

    /// Reads each item of an array.
    private func items(
        _ reader: inout CBORReader, _ body: (inout CBORReader) throws(ConversionFailure) -> Void
    ) throws(ConversionFailure) {
        let count = try wire { () throws(WireError) in
            let start = reader.offset
            let head = try reader.head()
            guard head.major == .array, let count = try reader.enter(head) else {
                throw .malformed("\(head.noun) where an array must stand", offset: start)
            }
            return count
        }
        for _ in 0..<count { try body(&reader) }
        reader.leave()
    }
}
