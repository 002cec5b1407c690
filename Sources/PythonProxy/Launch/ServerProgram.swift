import Foundation

/// The server's executable, and what stands beside it.
package struct ServerProgram: Sendable, Equatable {
    package let path: String
    /// Tells builds apart: path, size and time of the last change.
    package let build: String

    /// Looks at `$PYPROXY_SERVER`, beside the running program, and on `PATH`.
    package init(_ context: ProcessContext) throws {
        let name = "pyproxy-server"
        if let named = context.variables["PYPROXY_SERVER"], !named.isEmpty {
            guard FileSystem.isExecutableFile(context.absolute(named)) else {
                throw ProxyError.serverUnavailable(
                    "$PYPROXY_SERVER is \(named), which is no executable file; let it name the "
                        + "\(name) that was built with this program")
            }
            path = context.absolute(named)
        } else if FileSystem.isExecutableFile(context.programDirectory + "/" + name) {
            path = context.programDirectory + "/" + name
        } else if let command = context.command(name) {
            path = command
        } else {
            throw ProxyError.serverUnavailable(
                "\(name) is neither beside this program in \(context.programDirectory) nor on "
                    + "PATH; add the product \"\(name)\" of the package PythonProxy to the "
                    + "dependencies of your target, or let $PYPROXY_SERVER name it")
        }
        build = FileSystem.realPath(path) + "-" + (FileSystem.stamp(path) ?? "")
    }

    /// The server as an extension module, for interpreters without a libpython.
    package func extensionModule() throws -> String {
        let folder = (FileSystem.realPath(path) as NSString).deletingLastPathComponent
        for name in ["libPyProxyServerExtension.so", "libPyProxyServerExtension.dylib"]
        where FileSystem.exists(folder + "/" + name) {
            return folder + "/" + name
        }
        throw ProxyError.environment(
            EnvironmentError(
                .libpythonMissing,
                "this interpreter has no shared libpython, and the server's extension module, which "
                    + "such interpreters need, is not in \(folder); install the shared library "
                    + "(Debian: apt install libpython3-dev; pyenv: PYTHON_CONFIGURE_OPTS="
                    + "--enable-shared), or add the product \"PyProxyServerExtension\" of the package "
                    + "PythonProxy to the dependencies of your target"))
    }
}
