import CPlatform
import CPythonABI
import ProxyTransport
import ProxyWire

/// The module `_pyproxy`, through which the Python runtime reaches the server.
///
/// A process holds one interpreter, and C functions cannot capture: hence one host for the process.
package enum NativeModule {
    private static let host = ConditionMutex<(any InterpreterHost)?>(nil)
    private static let mainThread = ConditionMutex<PythonThreadState?>(nil)
    private static let performer = ConditionMutex<CallPerformerReference?>(nil)

    /// Creates the module. Called once, from the module's `PyInit` function, with the GIL held.
    package static func create() -> UnsafeMutableRawPointer? {
        UnsafeMutableRawPointer(py.PyModule_Create2(definition(), abiVersion))
    }

    /// How the arguments of the process become its host, set before the module is created.
    package static func use(_ make: @escaping @Sendable ([String]) throws -> any InterpreterHost) {
        hostMaker.withLock { $0 = HostMaker(make: make) }
    }

    /// SAFETY (`@unchecked Sendable`): used with the GIL held, or as it says.
    private struct CallPerformerReference: @unchecked Sendable {
        let performer: CallPerformer
    }

    private struct HostMaker {
        let make: @Sendable ([String]) throws -> any InterpreterHost
    }

    private static let hostMaker = ConditionMutex<HostMaker?>(nil)

    /// PYTHON_ABI_VERSION of the limited API.
    private static let abiVersion: Int32 = 3

    static var currentHost: any InterpreterHost {
        get throws(ConversionFailure) {
            guard let host = host.withLock({ $0 }) else {
                "boot() has not been called".withCString {
                    py.PyErr_SetString(py.PyExc_RuntimeError.pointee, $0)
                }
                throw .raised
            }
            return host
        }
    }

    // MARK: Definition

    private static func definition() -> UnsafeMutablePointer<PyModuleDef> {
        let methods: [(String, PyCFunction)] = [
            ("boot", { _, arguments in NativeModule.call(NativeModule.boot, arguments) }),
            ("sources", { _, arguments in NativeModule.call(NativeModule.sources, arguments) }),
            (
                "configuration",
                { _, arguments in NativeModule.call(NativeModule.configuration, arguments) }
            ),
            ("log", { _, arguments in NativeModule.call(NativeModule.log, arguments) }),
            (
                "want_logs",
                { _, arguments in NativeModule.call(NativeModule.wantLogs, arguments) }
            ),
            (
                "take_interruption",
                { _, arguments in NativeModule.call(NativeModule.takeInterruption, arguments) }
            ),
            (
                "follow_interrupts",
                { _, arguments in NativeModule.call(NativeModule.followInterrupts, arguments) }
            ),
            ("watch", { _, arguments in NativeModule.call(NativeModule.watch, arguments) }),
            ("failed", { _, arguments in NativeModule.call(NativeModule.failed, arguments) }),
            ("finished", { _, arguments in NativeModule.call(NativeModule.finished, arguments) }),
            (
                "contexts_changed",
                { _, arguments in NativeModule.call(NativeModule.contextsChanged, arguments) }
            ),
            (
                "count_objects",
                { _, arguments in NativeModule.call(NativeModule.countObjects, arguments) }
            ),
            (
                "attribute_output",
                { _, arguments in NativeModule.call(NativeModule.attributeOutput, arguments) }
            ),
        ]
        let all =
            methods.map { ($0, $1, METH_VARARGS) } + StreamFunctions.methods
            + [
                ("step", { _, _ in ScriptFrame.step() }, METH_O),
                (
                    "current_call",
                    { _, _ in py.PyLong_FromUnsignedLongLong(ScriptFrame.currentCall) }, METH_NOARGS
                ),
            ]
        // Python keeps pointers to all of this for as long as the process lives.
        let table = UnsafeMutablePointer<PyMethodDef>.allocate(capacity: all.count + 1)
        for (index, (name, function, flags)) in all.enumerated() {
            table[index] = PyMethodDef(
                ml_name: UnsafePointer(lastingCString(name)), ml_meth: function,
                ml_flags: flags,
                ml_doc: nil)
        }
        table[all.count] = PyMethodDef()
        let definition = UnsafeMutablePointer<PyModuleDef>.allocate(capacity: 1)
        definition.initialize(to: PyModuleDef())
        definition.pointee.m_name = UnsafePointer(lastingCString("_pyproxy"))
        definition.pointee.m_size = -1
        definition.pointee.m_methods = table
        return definition
    }

    /// Calls a function of the module.
    private static func call(
        _ function: (PythonReference?) throws(ConversionFailure) -> OwnedReference,
        _ arguments: PythonReference?
    ) -> PythonReference? {
        result { () throws(ConversionFailure) in try function(arguments) }
    }

    /// Turns what a function throws into what the C API expects.
    static func result(
        _ body: () throws(ConversionFailure) -> OwnedReference
    ) -> PythonReference? {
        do throws(ConversionFailure) {
            return try body().release()
        } catch {
            if case .raised = error { return nil }
            "\(error)".withCString { py.PyErr_SetString(py.PyExc_RuntimeError.pointee, $0) }
            return nil
        }
    }

    // MARK: Functions

    /// boot(arguments: list[str]): runs the bootstrap, serves, and ends the process.
    private static func boot(
        _ arguments: PythonReference?
    ) throws(ConversionFailure) -> OwnedReference {
        let list = try argument(0, of: arguments)
        var strings: [String] = []
        for index in 0..<py.PyList_Size(list) {
            strings.append(try swiftString(try borrowing(py.PyList_GetItem(list, index))))
        }
        do {
            let made = try hostMaker.withLock { $0 }?.make(strings)
            host.withLock { $0 = made }
        } catch {
            throw .unsupported("\(error)")
        }
        let globals = try owning(py.PyDict_New())
        let modules = try borrowing(py.PyImport_GetModuleDict())
        for (key, name) in [("__builtins__", "builtins"), ("native", "_pyproxy")] {
            let keyString = try newString(key)
            let nameString = try newString(name)
            let module = try borrowing(py.PyDict_GetItemWithError(modules, nameString.pointer))
            try checking(py.PyDict_SetItem(globals.pointer, keyString.pointer, module))
        }
        // Py_file_input, a macro: the source is a sequence of statements.
        let code = try owning(
            (PackageResources.bootstrap_py + [0]).withUnsafeBytes { source in
                py.Py_CompileString(
                    source.assumingMemoryBound(to: CChar.self).baseAddress,
                    "<pyproxy>/bootstrap.py", 257)
            })
        _ = try owning(py.PyEval_EvalCode(code.pointer, globals.pointer, globals.pointer))
        // From here on no frame of the runtime is below what clients call.
        let name = try newString("hooks")
        try serve(try borrowing(py.PyDict_GetItemWithError(globals.pointer, name.pointer)))
        return OwnedReference(borrowing: py._Py_NoneStruct)
    }

    /// sources() -> dict[str, bytes]: the runtime's files by name.
    private static func sources(
        _ arguments: PythonReference?
    ) throws(ConversionFailure) -> OwnedReference {
        let dictionary = try owning(py.PyDict_New())
        for (name, source) in RuntimeSources.files {
            let key = try newString(name)
            let bytes = try newBytes(source)
            try checking(py.PyDict_SetItem(dictionary.pointer, key.pointer, bytes.pointer))
        }
        return dictionary
    }

    /// configuration() -> dict[str, str | bool | int | list[str] | None].
    private static func configuration(
        _ arguments: PythonReference?
    ) throws(ConversionFailure) -> OwnedReference {
        let host = try currentHost
        let dictionary = try owning(py.PyDict_New())
        let serviceKey = try newString("service")
        let service =
            if let service = host.service { try newString(service) } else {
                OwnedReference(borrowing: py._Py_NoneStruct)
            }
        try checking(py.PyDict_SetItem(dictionary.pointer, serviceKey.pointer, service.pointer))
        for (name, flag) in [
            ("capture_output", host.captureOutput), ("autoreload", host.reloads),
            ("has_workers", host.hasWorkers),
        ] {
            let key = try newString(name)
            let value = flag ? py._Py_TrueStruct : py._Py_FalseStruct
            try checking(py.PyDict_SetItem(dictionary.pointer, key.pointer, value))
        }
        for (name, texts) in [
            ("path", host.path), ("exposed", host.exposedPackages),
            ("data_files", host.dataFilePatterns),
        ] {
            let key = try newString(name)
            let list = try newList(texts)
            try checking(py.PyDict_SetItem(dictionary.pointer, key.pointer, list.pointer))
        }
        let log = try newString("log")
        let descriptor = try owning(py.PyLong_FromLongLong(Int64(host.logDescriptor)))
        try checking(py.PyDict_SetItem(dictionary.pointer, log.pointer, descriptor.pointer))
        return dictionary
    }

    /// Serves with the functions and classes that are attributes of `hooks`, and ends the process when the server
    /// is to end.
    private static func serve(_ hooks: PythonReference) throws(ConversionFailure) {
        let host = try currentHost
        func lasting(_ name: String) throws(ConversionFailure) -> PythonReference {
            try owning(py.PyObject_GetAttrString(hooks, name)).release()
        }
        let contexts = try SessionContexts(
            make: try lasting("make_context"), copy: try lasting("copy_context"),
            update: try lasting("update_context"))
        let performer = try CallPerformer(
            frame: try ScriptFrame(entry: try lasting("entry"), names: try lasting("main")),
            contexts: contexts,
            resolve: try lasting("resolve"), open: try lasting("open"),
            describe: try lasting("describe"), services: try lasting("services"),
            attribution: try CallAttribution(set: try lasting("set_call")),
            reload: try lasting("reload"),
            packageNotInstalled: try lasting("PackageNotInstalled"),
            endChild: try lasting("end_child"), checkpoint: try lasting("checkpoint"),
            makeException: try lasting("make_exception"),
            codec: ValueCodec(
                reduce: try lasting("reduce"), restore: try lasting("restore"),
                convert: try lasting("convert"), describe: try lasting("describe_value"),
                place: try lasting("place_in_value"),
                notConvertible: try lasting("NotConvertible")),
            streams: try StandardStreams(
                check: try lasting("check_streams"), flush: try lasting("flush_streams")),
            objectChecks: try objectChecks(try lasting("object_checks")))
        self.performer.withLock { $0 = CallPerformerReference(performer: performer) }
        let dump = try lasting("dump")
        let inspector = ThreadInspector(
            placeToInterrupt: try lasting("place_to_interrupt"),
            currentFrames: try lasting("current_frames"), stacks: try lasting("stacks"),
            dumpDescriptor: Int32(clamping: try number(0, of: dump)),
            dumpSignal: Int32(clamping: try number(1, of: dump)))
        // The current interpreter and thread: neither is ever NULL for code that Python has called.
        let interpreter = EmbeddedInterpreter(
            performer: performer, inspector: inspector,
            interpreter: py.PyInterpreterState_Get().unsafelyUnwrapped,
            version: try pythonVersion())
        let thread = PythonThreadState(
            pointer: py.PyThreadState_Get().unsafelyUnwrapped, isMain: true)
        mainThread.withLock { $0 = thread }
        let start = try lasting("import_service")
        if start != py._Py_NoneStruct {
            performer.importService(start, orFail: try lasting("fail_to_serve"), on: thread)
        }
        withoutGIL { host.serve(with: interpreter, mainThread: thread) }
        _ = try PythonInterpreter.call(try lasting("finish"))
    }

    /// contexts_changed(count: int, added: int): there are so many changes of contexts that concern all sessions.
    private static func contextsChanged(
        _ arguments: PythonReference?
    ) throws(ConversionFailure) -> OwnedReference {
        let count = Int(clamping: try number(0, of: arguments))
        let added = Int(clamping: try number(1, of: arguments))
        performer.withLock { $0 }?.performer.contexts.changed(
            to: count, added: added, by: ScriptFrame.currentSession)
        return OwnedReference(borrowing: py._Py_NoneStruct)
    }

    /// count_objects(class: type) -> int: how many objects of the class stay for clients.
    private static func countObjects(
        _ arguments: PythonReference?
    ) throws(ConversionFailure) -> OwnedReference {
        let type = try argument(0, of: arguments)
        let count = performer.withLock { $0 }?.performer.objects.count(of: type) ?? 0
        return try owning(py.PyLong_FromLongLong(Int64(count)))
    }

    /// log(call: int, record: tuple) -> bool: whether anyone wants the record.
    private static func log(
        _ arguments: PythonReference?
    ) throws(ConversionFailure) -> OwnedReference {
        if cplatform_in_forked_child() { return OwnedReference(borrowing: py._Py_FalseStruct) }
        let host = try currentHost
        let call = CallKey(rawValue: try number(0, of: arguments))
        let record = try argument(1, of: arguments)
        func text(_ index: Int) throws(ConversionFailure) -> String {
            try swiftString(try borrowing(py.PyTuple_GetItem(record, index)))
        }
        let made = LogRecord(
            level: try number(0, of: record), logger: try text(1), message: try text(2),
            file: try text(3), line: try number(4, of: record), function: try text(5),
            category: try text(6), exception: try text(7))
        let isWanted = withoutGIL { host.log(made, call: call) }
        return OwnedReference(borrowing: isWanted ? py._Py_TrueStruct : py._Py_FalseStruct)
    }

    /// want_logs(call: int, level: int): the client of the call wants records from this level on.
    private static func wantLogs(
        _ arguments: PythonReference?
    ) throws(ConversionFailure) -> OwnedReference {
        if cplatform_in_forked_child() { return OwnedReference(borrowing: py._Py_NoneStruct) }
        try currentHost.wantLogs(
            call: CallKey(rawValue: try number(0, of: arguments)),
            level: try number(1, of: arguments))
        return OwnedReference(borrowing: py._Py_NoneStruct)
    }

    /// take_interruption() -> bool: whether the main thread's call is to be interrupted now.
    private static func takeInterruption(
        _ arguments: PythonReference?
    ) throws(ConversionFailure) -> OwnedReference {
        let isWanted = mainThread.withLock { $0 }?.takeInterruption() == true
        return OwnedReference(borrowing: isWanted ? py._Py_TrueStruct : py._Py_FalseStruct)
    }

    /// attribute_output(current_call): what is written belongs to the call whose number this function returns.
    private static func attributeOutput(
        _ arguments: PythonReference?
    ) throws(ConversionFailure) -> OwnedReference {
        let function = OwnedReference(borrowing: try argument(0, of: arguments))
        StreamFunctions.attribute(with: function.release())
        return OwnedReference(borrowing: py._Py_NoneStruct)
    }

    /// follow_interrupts(signal: int, is_sigint_handled: bool): how the main thread's call is interrupted.
    private static func followInterrupts(
        _ arguments: PythonReference?
    ) throws(ConversionFailure) -> OwnedReference {
        InterruptSignals.current = InterruptSignals(
            own: Int32(clamping: try number(0, of: arguments)),
            isSIGINTHandled: try argument(1, of: arguments) == py._Py_TrueStruct)
        return OwnedReference(borrowing: py._Py_NoneStruct)
    }

    /// watch(path: str, all_files: bool): changes in this folder matter.
    private static func watch(
        _ arguments: PythonReference?
    ) throws(ConversionFailure) -> OwnedReference {
        // A child shares the parent's watches.
        if cplatform_in_forked_child() { return OwnedReference(borrowing: py._Py_NoneStruct) }
        try currentHost.watch(
            try swiftString(try argument(0, of: arguments)),
            countsAllFiles: try argument(1, of: arguments) == py._Py_TrueStruct)
        return OwnedReference(borrowing: py._Py_NoneStruct)
    }

    /// failed(message: str).
    private static func failed(
        _ arguments: PythonReference?
    ) throws(ConversionFailure) -> OwnedReference {
        try currentHost.failed(try swiftString(try argument(0, of: arguments)))
        return OwnedReference(borrowing: py._Py_NoneStruct)
    }

    /// finished(): the process ends next.
    private static func finished(
        _ arguments: PythonReference?
    ) throws(ConversionFailure) -> OwnedReference {
        let host = try currentHost
        withoutGIL { host.finished() }
        return OwnedReference(borrowing: py._Py_NoneStruct)
    }

    // MARK: Helpers

    private static func argument(
        _ index: Int, of borrowedTuple: PythonReference?
    ) throws(ConversionFailure) -> PythonReference {
        try borrowing(py.PyTuple_GetItem(borrowedTuple, index))
    }

    private static func number(
        _ index: Int, of borrowedTuple: PythonReference?
    ) throws(ConversionFailure) -> UInt64 {
        try number(try argument(index, of: borrowedTuple))
    }

    /// An int that is not negative and fits; other numbers are clamped.
    static func number(_ borrowed: PythonReference) throws(ConversionFailure) -> UInt64 {
        var overflow: Int32 = 0
        let value = py.PyLong_AsLongLongAndOverflow(borrowed, &overflow)
        // -1 is a number as well; not one that fits, though.
        if value == -1, overflow == 0, py.PyErr_Occurred() != nil { throw .raised }
        return overflow > 0 ? .max : UInt64(clamping: value)
    }

    /// The first word of `sys.version`.
    private static func pythonVersion() throws(ConversionFailure) -> String {
        let sys = try owning(py.PyImport_ImportModule("sys"))
        let version = try owning(py.PyObject_GetAttrString(sys.pointer, "version"))
        return String(try swiftString(version.pointer).prefix { $0 != " " })
    }

    /// - Parameter tuple: of functions, or None where clients may use everything. Lives as long as the process.
    private static func objectChecks(
        _ tuple: PythonReference
    ) throws(ConversionFailure) -> ObjectChecks? {
        if tuple == py._Py_NoneStruct { return nil }
        func function(_ index: Int) throws(ConversionFailure) -> PythonReference {
            try borrowing(py.PyTuple_GetItem(tuple, index))
        }
        return ObjectChecks(
            name: try function(0), attribute: try function(1), item: try function(2),
            call: try function(3), assignment: try function(4))
    }

    /// A C string that is never freed: Python keeps pointers into it for the life of the process.
    static func lastingCString(_ string: String) -> UnsafeMutablePointer<CChar> {
        let bytes = string.utf8CString
        let copy = UnsafeMutablePointer<CChar>.allocate(capacity: bytes.count)
        for (index, byte) in bytes.enumerated() { copy[index] = byte }
        return copy
    }
}
