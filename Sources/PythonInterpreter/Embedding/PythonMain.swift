import CPythonABI

/// Starts CPython in this process.
package enum PythonMain {
    /// Loads libpython and runs `code` exactly as `interpreter -c code arguments…` would.
    ///
    /// `Py_BytesMain` finds the virtual environment from the interpreter's path by itself and needs
    /// no PyConfig, whose layout changes with every minor version.
    ///
    /// - Returns: the exit status, or what is wrong with the library.
    package static func run(
        libpython: String, interpreter: String, arguments: [String],
        initialise: @convention(c) () -> UnsafeMutableRawPointer?
    ) -> Result<Int32, LoadingFailure> {
        if let problem = bind(libpython) { return .failure(problem) }
        let function = unsafeBitCast(
            initialise, to: (@convention(c) () -> PythonReference?).self)
        _ = py.PyImport_AppendInittab(NativeModule.lastingCString("_pyproxy"), function)
        var argv: [UnsafeMutablePointer<CChar>?] =
            ([interpreter, "-c", bootCode] + arguments).map { NativeModule.lastingCString($0) }
        argv.append(nil)
        return .success(py.Py_BytesMain(Int32(argv.count - 1), &argv))
    }

    /// Fills the table of functions from the interpreter that has loaded this code as a library.
    package static func bindToHost() -> LoadingFailure? { bind(nil) }

    /// What Python runs first.
    package static let bootCode = "import sys, _pyproxy; _pyproxy.boot(sys.argv[1:])"

    package struct LoadingFailure: Error, CustomStringConvertible {
        package let description: String
    }

    // Its own function, never inlined: the table is declared constant, and nothing may be read from
    // it before this has returned.
    @inline(never)
    private static func bind(_ path: String?) -> LoadingFailure? {
        let problem = path.map { $0.withCString { cpython_abi_bind($0) } } ?? cpython_abi_bind(nil)
        return problem.map { LoadingFailure(description: String(cString: $0)) }
    }
}
