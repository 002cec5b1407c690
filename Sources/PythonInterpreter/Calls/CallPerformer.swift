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
    let frame: ScriptFrame
    let contexts: SessionContexts
    let targets: TargetCache
    let objects = ObjectTable()
    private let objectChecks: ObjectChecks?
    let openPackage: PythonReference
    let describeException: PythonReference
    /// A dict of functions by name.
    let services: PythonReference
    private let attribution: CallAttribution
    let reloadFunction: PythonReference
    /// By the reload that is under way: there is one at a time.
    var reloaded: (line: String, payload: [UInt8])?
    let packageNotInstalled: PythonReference
    /// Ends a forked child as Python would.
    private let endChild: PythonReference
    let numbers: IntegerBytes
    let codec: ValueCodec
    private let streams: StandardStreams
    private let internedNames = InternedNames()
    /// Does nothing, in Python.
    let checkpoint: PythonReference
    /// What a client has thrown, as an exception.
    let makeException: PythonReference
    private(set) var numpy: Numpy?

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
        var context: CallContext?
        do throws(ConversionFailure) {
            let named = try CallContext(of: call)
            context = named
            let place = try named.enter(contexts, on: thread)
            defer { contexts.leave(place) }
            var step = step(.call(call), on: thread)
            step.place = place
            guard frame.take(&step, in: place.run) else { throw .raised }
        } catch {
            // Before anything of the call has begun.
            endForkedChild()
            thread.end()
            let reply = FrameBuffer(limit: call.sending.frameLength)
            call.answer(report(error, to: reply, callID: call.frame.callID))
        }
        if let context { ended(call, in: context, on: thread) }
    }

    func step(_ work: ScriptFrame.Step.Work, on thread: PythonThreadState)
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
        case .leave(let key, let text): exit(from: key, because: text)
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
}
