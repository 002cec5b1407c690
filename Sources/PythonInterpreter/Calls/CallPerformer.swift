import CPlatform
import CPythonABI
import ProxyWire

#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#else
    import Darwin
#endif

/// Performs calls: from the bytes of a request to the bytes of a reply, with nothing in between but
/// Python objects.
///
/// SAFETY: owns references for as long as the process lives; used only with the GIL held. It is a class
/// so that no access to its properties spans a call into Python, during which the GIL may change hands.
final class CallPerformer {
    private let frame: ScriptFrame
    let contexts: SessionContexts
    private let targets: TargetCache
    let objects = ObjectTable()
    private let objectChecks: ObjectChecks?
    private let openPackage: PythonReference
    private let describeException: PythonReference
    /// A dict of functions by name.
    private let services: PythonReference
    private let attribution: CallAttribution
    private let reloadFunction: PythonReference
    /// By the reload that is under way: there is one at a time.
    private var reloaded: (line: String, payload: [UInt8])?
    private let packageNotInstalled: PythonReference
    /// Ends a forked child as Python would.
    private let endChild: PythonReference
    private let numbers: IntegerBytes
    private let codec: ValueCodec
    private let streams: StandardStreams
    private let internedNames = InternedNames()
    /// Does nothing, in Python.
    let checkpoint: PythonReference
    /// What a client has thrown, as an exception.
    private let makeException: PythonReference
    private var numpy: Numpy?

    /// Takes over references to functions and classes of the Python runtime.
    init(
        frame: ScriptFrame, contexts: SessionContexts, resolve: PythonReference,
        open: PythonReference, describe: PythonReference,
        services: PythonReference, attribution: CallAttribution, reload: PythonReference,
        packageNotInstalled: PythonReference, endChild: PythonReference,
        checkpoint: PythonReference, makeException: PythonReference, codec: ValueCodec,
        streams: StandardStreams,
        objectChecks: ObjectChecks?
    ) throws(ConversionFailure) {
        self.frame = frame
        self.contexts = contexts
        self.checkpoint = checkpoint
        self.makeException = makeException
        self.codec = codec
        self.streams = streams
        self.objectChecks = objectChecks
        targets = TargetCache(resolve: resolve)
        openPackage = open
        describeException = describe
        self.services = services
        self.attribution = attribution
        reloadFunction = reload
        self.packageNotInstalled = packageNotInstalled
        self.endChild = endChild
        numbers = try IntegerBytes()
    }

    /// Performs a call and answers it, once, whatever happens.
    ///
    /// What the call has used is released after that: freeing thousands of arguments takes a while, and
    /// the client need not wait for it.
    func perform(_ call: any CallIO, on thread: PythonThreadState) {
        do throws(ConversionFailure) {
            let (key, isLeft) = try contextKey(of: call)
            let place = try contexts.enter(key)
            defer {
                contexts.leave(place)
                if isLeft { contexts.remove(key) }
            }
            var step = step(.call(call), on: thread)
            step.session = place.session
            guard frame.take(&step, in: place.run) else { throw .raised }
        } catch {
            // Before anything of the call has begun.
            endForkedChild()
            thread.end()
            let reply = FrameBuffer(limit: call.sending.frameLength)
            call.answer(report(error, to: reply, callID: call.frame.callID))
        }
    }

    /// Which context a call runs in, and whether that ends with it.
    private func contextKey(
        of call: any CallIO
    ) throws(ConversionFailure) -> (SessionContexts.Key, isLeft: Bool) {
        // SAFETY: the caller holds the frame.
        var reader = call.frame.unsafeReader(maximumDepth: call.accepting.depth)
        let session = call.key.session
        return try wire { () throws(WireError) in
            let head = try reader.peek()
            guard head.major == .array, head.argument == UInt64(CallOperation.itemCounts.upperBound)
            else {
                return (SessionContexts.Key(session: session), false)
            }
            _ = try reader.head()
            let operation = try reader.unsigned()
            for _ in 0..<5 { try reader.skip() }
            return (
                SessionContexts.Key(session: session, number: try reader.unsigned()),
                operation == CallOperation.leave.rawValue
            )
        }
    }

    private func step(_ work: ScriptFrame.Step.Work, on thread: PythonThreadState)
        -> ScriptFrame.Step
    {
        ScriptFrame.Step(
            performer: .passUnretained(self), thread: .passUnretained(thread), work: work)
    }

    /// Does what the current thread is to do, below the frame.
    func performBelowFrame(_ work: ScriptFrame.Step.Work, on thread: PythonThreadState) {
        switch work {
        case .call(let call): answer(call, on: thread)
        case .reload(let paths, let everything):
            reloaded = reloadProject(paths, everything: everything, on: thread)
        case .service(let start, let fail): importService(start, orFail: fail)
        }
    }

    private func answer(_ call: any CallIO, on thread: PythonThreadState) {
        let (frame, sending) = (call.frame, call.sending)
        defer { attribution.end() }
        let reply = FrameBuffer(limit: sending.frameLength, lender: call.lender)
        var script: ScriptValues?
        do {
            try attribution.begin(call.key)
            streams.restore()
            if numpy == nil { numpy = try Numpy.ifImported() }
            // SAFETY: the caller holds the frame, and with it the bytes, until this has returned.
            var reader = frame.unsafeReader(maximumDepth: call.accepting.depth)
            let (operation, itemCount) = try readOperation(&reader)
            if operation == .script { script = ScriptValues() }
            let known = ArgumentObjects(
                table: objects, session: call.key.session, targets: targets,
                internedNames: internedNames, thread: thread, script: script, checks: objectChecks)
            var decoder = ObjectDecoder(
                numbers: numbers, codec: codec, numpy: numpy, objects: known)
            let target = try readTarget(&reader, &decoder)
            // A script's are read while it is performed.
            var steps = reader
            let arguments =
                script == nil
                ? try ArgumentVector(from: &reader, decoder: &decoder, internedNames: internedNames)
                : try ArgumentVector(skippedIn: &reader)
            let (schema, place) = try wire { () throws(WireError) in
                let schema = itemCount > 4 ? try ValueSchema(from: &reader) : .exact
                let place = itemCount > 5 ? try reader.optionalText() : nil
                // The context has been read.
                if itemCount > 6 { try reader.skip() }
                try reader.finish()
                return (schema, place)
            }
            let kept =
                schema.mayHaveObjects
                ? ResultObjects(objects, session: known.session, place: place) : nil
            if kept != nil { objects.enter(known.session) }
            defer { if kept != nil { objects.leave(known.session) } }
            let result =
                switch script {
                case let script?: try performScript(&steps, &decoder, known, script)
                case nil: try perform(operation, target, arguments, known)
                }
            endForkedChild()
            try encode(
                result.pointer, as: schema, maximumDepth: sending.depth, into: reply, kept)
            streams.flushOthers()
            thread.end()
            call.answer(reply.seal(kind: .reply, callID: frame.callID))
            _ = consume result
            _ = consume arguments
        } catch {
            endForkedChild()
            thread.end()
            reply.reset()
            let failure = script?.failedStep.map { error.inside("step \($0): ") } ?? error
            let answer = report(
                failure, to: reply, callID: frame.callID, step: script?.failedStep)
            streams.flushOthers()
            call.answer(answer)
        }
    }

    /// - Parameter objects: those of the result; nil if there are none in it.
    private func encode(
        _ borrowedResult: PythonReference, as schema: ValueSchema, maximumDepth: Int,
        into reply: FrameBuffer, _ objects: ResultObjects?
    ) throws(ConversionFailure) {
        func encoder() -> ObjectEncoder {
            if objects != nil {
                let writer = CBORWriter(reply)
                writer.tag(CBORTag.withObjects)
                writer.array(count: 2)
            }
            return ObjectEncoder(
                into: reply, maximumDepth: maximumDepth, numbers: numbers, codec: codec,
                numpy: numpy, objects: objects)
        }
        do throws(ConversionFailure) {
            var encoder = encoder()
            try encoder.encode(borrowedResult, as: schema, inside: "result")
        } catch {
            objects?.takeBack(to: 0)
            guard schema == .untyped, case .unsupported(let value) = error else { throw error }
            // Nobody has said that the result is wanted.
            reply.reset()
            encoder().encodeObject(borrowedResult, reason: value.message)
        }
        guard let objects else { return }
        let writer = CBORWriter(reply)
        writer.array(count: objects.numbers.count)
        for number in objects.numbers { writer.unsigned(number) }
    }

    // MARK: Objects

    /// In a child that the call has forked, the end of the call is the end of the process: it must neither answer
    /// for the server nor go on as a second one. Does not return there; the exception that is set is its end's.
    func endForkedChild() {
        guard cplatform_in_forked_child() else { return }
        let exception = takeException().map { OwnedReference(owning: $0) }
        switch exception {
        case .some(let exception): _ = try? call(endChild, exception.pointer)
        case nil: _ = try? call(endChild, py._Py_NoneStruct)
        }
        _exit(1)
    }

    private func readOperation(
        _ reader: inout CBORReader
    ) throws(ConversionFailure) -> (CallOperation, itemCount: Int) {
        try wire { () throws(WireError) in
            let count = try reader.array(counts: CallOperation.itemCounts)
            let start = reader.offset
            guard let operation = CallOperation(rawValue: try reader.unsigned()) else {
                throw .malformed("not an operation", offset: start)
            }
            return (operation, count)
        }
    }

    /// What a call is of: a name, or what a path or an operation leads to.
    enum CallTarget: ~Copyable {
        case name(String)
        case path(ObjectDecoder.PathEnd)
    }

    func readTarget(
        _ reader: inout CBORReader, _ decoder: inout ObjectDecoder
    ) throws(ConversionFailure) -> CallTarget {
        let head = try wire { () throws(WireError) in try reader.peek() }
        if head.major == .text {
            return .name(try wire { () throws(WireError) in try reader.text() })
        }
        if head.major == .tag, head.argument == CBORTag.reference {
            _ = try wire { () throws(WireError) in try reader.head() }
            return .path(try decoder.readPath(&reader))
        }
        let object = try decoder.decode(&reader)
        return .path(.init(parent: object, key: nil, isItem: false))
    }

    func perform(
        _ operation: CallOperation, _ target: borrowing CallTarget,
        _ arguments: borrowing ArgumentVector, _ known: ArgumentObjects
    ) throws(ConversionFailure) -> OwnedReference {
        switch target {
        case .name(let text): try perform(operation, text, arguments, known)
        case .path(let end): try perform(operation, at: end, arguments, known)
        }
    }

    private func perform(
        _ operation: CallOperation, at end: borrowing ObjectDecoder.PathEnd,
        _ arguments: borrowing ArgumentVector, _ known: ArgumentObjects
    ) throws(ConversionFailure) -> OwnedReference {
        switch operation {
        case .call:
            let function = try known.value(of: end)
            try known.checkCall(of: function.pointer)
            return try arguments.apply(to: function.pointer)
        case .get: return try known.value(of: end)
        case .set:
            try known.assign(try arguments.assignedValue(), to: end)
            return OwnedReference(borrowing: py._Py_NoneStruct)
        case .delete:
            try known.assign(nil, to: end)
            return OwnedReference(borrowing: py._Py_NoneStruct)
        case .enter: return try ContextManager(try known.value(of: end), known).enter()
        case .leave:
            let thrown = try arguments.assignedValue()
            var manager = try ContextManager(try known.value(of: end), known)
            let isHandled = try known.thread.uninterrupted(checkpoint: {}) {
                () throws(ConversionFailure) in
                guard thrown != py._Py_NoneStruct else {
                    try manager.leave()
                    return false
                }
                let exception = try call(makeException, thrown)
                return try manager.leave(exception.pointer)
            }
            return OwnedReference(borrowing: isHandled ? py._Py_TrueStruct : py._Py_FalseStruct)
        case .open, .service, .script, .callFound:
            throw .malformed(.malformed("only calls and attributes have a path", offset: 0))
        }
    }

    private func perform(
        _ operation: CallOperation, _ text: String, _ arguments: borrowing ArgumentVector,
        _ known: ArgumentObjects
    ) throws(ConversionFailure) -> OwnedReference {
        switch operation {
        case .open:
            let name = try newString(text)
            return try PythonInterpreter.perform(steps: try call(openPackage, name.pointer))
        case .call:
            let function = try targets.target(text).value()
            return try arguments.apply(to: function.pointer)
        case .get:
            return try targets.target(text).value()
        case .service:
            let name = try newString(text)
            guard let function = py.PyDict_GetItemWithError(services, name.pointer) else {
                throw .malformed(.malformed("the server has no service \(text)", offset: 0))
            }
            return try arguments.apply(to: function)
        case .enter, .leave, .script, .callFound:
            throw .malformed(.malformed("that is done in a script", offset: 0))
        case .set:
            try targets.target(text, isAssigned: true).assign(try arguments.assignedValue())
            return OwnedReference(borrowing: py._Py_NoneStruct)
        case .delete:
            try targets.target(text, isAssigned: true).assign(nil)
            return OwnedReference(borrowing: py._Py_NoneStruct)
        }
    }

    /// Imports the service, before anything is served.
    ///
    /// - Parameters:
    ///   - start: makes the generator that imports it.
    ///   - fail: ends the process if that raises an exception, which it is told.
    func importService(
        _ start: PythonReference, orFail fail: PythonReference, on thread: PythonThreadState
    ) {
        var step = step(.service(start: start, fail: fail), on: thread)
        _ = frame.take(&step, in: nil)
    }

    private func importService(_ start: PythonReference, orFail fail: PythonReference) {
        do {
            _ = try PythonInterpreter.perform(steps: try call(start))
            endForkedChild()
        } catch {
            endForkedChild()
            guard let exception = takeException() else { return }
            let owned = OwnedReference(owning: exception)
            _ = try? call(fail, owned.pointer)
        }
    }

    // MARK: Reloading

    /// Takes changed files over.
    ///
    /// - Returns: nil if nothing had changed.
    func reload(
        _ paths: [String], everything: Bool, on thread: PythonThreadState
    ) -> (line: String, payload: [UInt8])? {
        var step = step(.reload(paths: paths, everything: everything), on: thread)
        reloaded = nil
        if !frame.take(&step, in: nil) {
            py.PyErr_Clear()
            thread.end()
        }
        return reloaded
    }

    private func reloadProject(
        _ paths: [String], everything: Bool, on thread: PythonThreadState
    ) -> (line: String, payload: [UInt8])? {
        defer { thread.end() }
        do {
            let list = try newList(paths)
            defer { endForkedChild() }
            let result = try call(
                reloadFunction, list.pointer, everything ? py._Py_TrueStruct : py._Py_FalseStruct)
            // Modules may be other objects, or not be callable any more.
            targets.forgetAll()
            if result.pointer == py._Py_NoneStruct { return nil }
            let line = try swiftString(try borrowing(py.PyTuple_GetItem(result.pointer, 0)))
            let buffer = FrameBuffer()
            var encoder = ObjectEncoder(
                into: buffer, maximumDepth: 64, numbers: numbers, codec: codec, numpy: numpy)
            try encoder.encode(try borrowing(py.PyTuple_GetItem(result.pointer, 1)))
            return (line, Array(buffer.payload))
        } catch {
            let exception = takeException().map { OwnedReference(owning: $0) }
            let text: String
            switch exception {
            case .some(let exception):
                text = "\(typeName(of: exception.pointer)): \(shortText(exception.pointer))"
            case nil: text = "\(error)"
            }
            targets.forgetAll()
            return ("changed files could not be taken over: \(text)", [0xF6])
        }
    }

    // MARK: Failures

    private func report(
        _ failure: ConversionFailure, to reply: FrameBuffer, callID: UInt64, step: Int? = nil
    ) -> FrameBuffer {
        switch failure {
        case .raised:
            return reportException(to: reply, callID: callID, step: step)
        case .unsupported(let value):
            return Rejection(.conversion, value.message, place: value.fullPlace)
                .frame(callID: callID)
        case .malformed(let error):
            return Rejection(.malformed, "the call is not what the protocol says: \(error)")
                .frame(callID: callID)
        }
    }

    /// Writes the exception that is set in this thread, and clears it.
    ///
    /// - Parameter step: of a script, in which it was raised.
    private func reportException(
        to reply: FrameBuffer, callID: UInt64, step: Int?
    ) -> FrameBuffer {
        let isMissingPackage = py.PyErr_ExceptionMatches(packageNotInstalled) != 0
        guard let exception = takeException() else {
            return Rejection(.other, "the call failed without an exception").frame(callID: callID)
        }
        let owned = OwnedReference(owning: exception)
        if isMissingPackage {
            return Rejection(.packageNotInstalled, shortText(owned.pointer)).frame(callID: callID)
        }
        do {
            let description = try call(describeException, owned.pointer)
            if let step {
                let key = try newString("step")
                let number = try owning(py.PyLong_FromLongLong(Int64(step)))
                try checking(
                    py.PyDict_SetItem(description.pointer, key.pointer, number.pointer))
            }
            var encoder = ObjectEncoder(
                into: reply, maximumDepth: 64, numbers: numbers, codec: codec, numpy: numpy)
            try encoder.encode(description.pointer)
            return reply.seal(kind: .failure, callID: callID)
        } catch {
            // Short of memory, say: the class and the text go a shorter way.
            py.PyErr_Clear()
            let reply = FrameBuffer()
            let writer = CBORWriter(reply)
            writer.map(count: 2)
            writer.text("type")
            writer.text(typeName(of: owned.pointer))
            writer.text("message")
            writer.text(String(text(of: owned.pointer).prefix(1000)))
            return reply.seal(kind: .failure, callID: callID)
        }
    }
}
