import CPythonABI
import ProxyWire

/// Scripts: many steps in one call. Each is performed as a call of its own would be, in the order in which they are
/// written.
extension CallPerformer {
    /// Reads and performs a script: the positional arguments of its call.
    ///
    /// - Parameter reader: of a call that has been seen to be complete.
    /// - Returns: its result.
    func performScript(
        _ reader: inout CBORReader, _ decoder: inout ObjectDecoder, _ known: ArgumentObjects,
        _ script: ScriptValues
    ) throws(ConversionFailure) -> OwnedReference {
        try wire { () throws(WireError) in try reader.array(count: 3) }
        try items(&reader) { (reader) throws(ConversionFailure) in
            script.addOperand(try decoder.decode(&reader))
        }
        try performSteps(&reader, &decoder, known, script)
        do { return try decoder.decode(&reader) } catch { throw error.inside("the result") }
    }

    private func performSteps(
        _ reader: inout CBORReader, _ decoder: inout ObjectDecoder, _ known: ArgumentObjects,
        _ script: ScriptValues
    ) throws(ConversionFailure) {
        try items(&reader) { (reader) throws(ConversionFailure) in
            let step = script.begin()
            do throws(ConversionFailure) {
                if script.isCheckDue { try raisePending() }
                try performStep(&reader, &decoder, known, script)
            } catch {
                script.fails(in: step)
                throw error
            }
        }
    }

    private func performStep(
        _ reader: inout CBORReader, _ decoder: inout ObjectDecoder,
        _ known: ArgumentObjects, _ script: ScriptValues
    ) throws(ConversionFailure) {
        let (operation, hasArguments) = try wire { () throws(WireError) in
            let count = try reader.array(counts: 2...4)
            return (CallOperation(rawValue: try reader.unsigned()), count == 4)
        }
        switch operation {
        case .get where !hasArguments:
            script.add(try value(of: try readTarget(&reader, &decoder), known))
        case _ where !hasArguments:
            throw .malformed(.malformed("a step without arguments", offset: reader.offset))
        case .call, .get, .set, .delete:
            let target = try readTarget(&reader, &decoder)
            let arguments = try ArgumentVector(
                from: &reader, decoder: &decoder, internedNames: known.internedNames)
            script.add(try perform(operation ?? .get, target, arguments, known))
        case .callFound:
            let function = try value(of: try readTarget(&reader, &decoder), known)
            let borrowed = function.pointer
            script.add(function)
            let arguments = try ArgumentVector(
                from: &reader, decoder: &decoder, internedNames: known.internedNames)
            try known.checkCall(of: borrowed)
            script.add(try arguments.apply(to: borrowed))
        case .enter:
            let target = try readTarget(&reader, &decoder)
            var manager = try ContextManager(try value(of: target, known), known)
            script.add(try manager.enter())
            try performBlock(of: &manager, &reader, &decoder, known, script)
        case .open, .service, .script, .leave, nil:
            throw .malformed(.malformed("not an operation of a step", offset: reader.offset))
        }
    }

    /// Performs the steps of a `with` statement that has been entered, and leaves it.
    private func performBlock(
        of manager: inout ContextManager, _ reader: inout CBORReader,
        _ decoder: inout ObjectDecoder, _ known: ArgumentObjects, _ script: ScriptValues
    ) throws(ConversionFailure) {
        let (block, end, count) = try wire { () throws(WireError) in
            try reader.array(count: 2)
            let block = reader
            var end = reader
            try end.skip()
            // A step that has values takes at least two bytes.
            let count = min(try end.unsigned(), UInt64(reader.remaining))
            return (block, end, Int(count))
        }
        let (firstStep, first) = (script.stepCount, script.count)
        do throws(ConversionFailure) {
            try performSteps(&reader, &decoder, known, script)
            // What has not been raised by now must not be raised while the block is left.
            try known.thread.uninterrupted(checkpoint: raisePending) {
                () throws(ConversionFailure) in try manager.leave()
            }
        } catch {
            guard !manager.wasLeft else { throw error }
            let failure = error
            let isHandled = try known.thread.uninterrupted(checkpoint: {}) {
                () throws(ConversionFailure) in
                try manager.leave(after: failure, raisePending: raisePending)
            }
            guard isHandled else { throw failure }
            script.recovers()
            script.skip(to: first + count, steps: firstStep + (try stepCount(of: block)))
            reader = end
            return try wire { () throws(WireError) in try reader.skip() }
        }
        // How many values there were, and no keywords.
        try wire { () throws(WireError) in
            try reader.skip()
            try reader.skip()
        }
    }

    /// How many steps a block has, with those of blocks within.
    private func stepCount(of block: CBORReader) throws(ConversionFailure) -> Int {
        var (reader, count) = (block, 0)
        try items(&reader) { (reader) throws(ConversionFailure) in
            count += 1
            let (isBlock, itemCount) = try wire { () throws(WireError) in
                let count = try reader.array(counts: 2...4)
                return (try reader.unsigned() == CallOperation.enter.rawValue, count)
            }
            guard isBlock else {
                return try wire { () throws(WireError) in
                    for _ in 1..<itemCount { try reader.skip() }
                }
            }
            let inner = try wire { () throws(WireError) in
                try reader.skip()
                try reader.array(count: 2)
                let inner = reader
                // The steps, how many values they have, and no keywords.
                for _ in 0..<3 { try reader.skip() }
                return inner
            }
            count += try stepCount(of: inner)
        }
        return count
    }

    /// Raises an exception from outside that is on its way: only Python code does.
    func raisePending() throws(ConversionFailure) { _ = try call(checkpoint) }

    private func value(
        of target: borrowing CallTarget, _ known: ArgumentObjects
    ) throws(ConversionFailure) -> OwnedReference {
        try perform(.get, target, ArgumentVector(), known)
    }

    /// Reads each item of an array.
    private func items(
        _ reader: inout CBORReader, _ body: (inout CBORReader) throws(ConversionFailure) -> Void
    ) throws(ConversionFailure) {
        let count = try wire { () throws(WireError) in
            let start = reader.offset
            let head = try reader.head()
            guard head.major == .array else {
                throw .malformed("\(head.noun) where an array must stand", offset: start)
            }
            return try reader.enter(head)
        }
        var index = 0
        while try wire({ () throws(WireError) in try reader.hasItem(index, of: count) }) {
            try body(&reader)
            index += 1
        }
        reader.leave()
    }
}
