import ArgumentParser
import ProxyServer
import ProxyTransport
import PythonInterpreter

#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#else
    import Darwin
#endif

/// The entry points of the server: an executable that loads libpython, and an extension module that an
/// interpreter without one loads. From `boot` on the two are the same.
public enum ServerMain {
    /// Runs the server with the arguments of this process.
    public static func run() -> Never {
        let arguments = Array(CommandLine.arguments.dropFirst())
        let options = ServerOptions.parseOrExit(arguments)
        // Meant for another interpreter: it would keep this one from finding its standard library.
        unsetenv("PYTHONHOME")
        guard let libpython = options.libpython else {
            becomeInterpreter(options, arguments)
        }
        NativeModule.use { try PythonHost(arguments: $0) }
        let result = PythonMain.run(
            libpython: libpython, interpreter: options.interpreter, arguments: arguments,
            initialise: { NativeModule.create() })
        switch result {
        case .success(let status): exit(status)
        case .failure(let problem): fail("\(libpython) cannot be loaded: \(problem)", options)
        }
    }

    /// Lets the interpreter itself load the server. Keeps the process.
    private static func becomeInterpreter(
        _ options: ServerOptions, _ arguments: [String]
    ) -> Never {
        guard let library = options.extension else {
            fail("neither --libpython nor --extension was given", options)
        }
        let code = """
            import importlib.machinery as machinery, importlib.util as util, sys
            loader = machinery.ExtensionFileLoader("_pyproxy", sys.argv.pop(1))
            spec = util.spec_from_loader("_pyproxy", loader)
            sys.modules["_pyproxy"] = util.module_from_spec(spec)
            sys.modules["_pyproxy"].boot(sys.argv[1:])
            """
        var argv = ([options.interpreter, "-c", code, library] + arguments).map { strdup($0) }
        argv.append(nil)
        execv(options.interpreter, argv)
        fail("\(SystemError("running \(options.interpreter)"))", options)
    }

    static func complain(_ message: String) {
        var line = "pyproxy-server: \(message)\n"
        line.withUTF8 { writeAll(2, UnsafeRawBufferPointer($0)) }
    }

    private static func fail(_ message: String, _ options: ServerOptions) -> Never {
        Readiness(descriptor: options.readyDescriptor).failed(message)
        ServerMain.complain(message)
        exit(1)
    }
}

/// What the import system calls when the server is loaded as the extension module `_pyproxy`.
@_cdecl("PyInit__pyproxy")
public func initialiseExtensionModule() -> UnsafeMutableRawPointer? {
    if let problem = PythonMain.bindToHost() {
        // No function of the interpreter can be called to report it.
        ServerMain.complain("this interpreter cannot load the server: \(problem)")
        return nil
    }
    NativeModule.use { try PythonHost(arguments: $0) }
    return NativeModule.create()
}
