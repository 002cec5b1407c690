// swift-tools-version: 6.2
import PackageDescription

let package = Package(
    name: "PythonProxy",
    platforms: [.macOS(.v15)],
    products: [
        .library(name: "PythonProxy", targets: ["PythonProxy"]),
        // Swift types for objects of COMPAS, and an example of how to make more.
        .library(name: "CompasTypes", targets: ["CompasTypes"]),
        .executable(name: "pyproxy-server", targets: ["pyproxy-server"]),
        .executable(name: "pyproxy", targets: ["pyproxy"]),
        // Needed only for interpreters that have no shared libpython: such an interpreter loads the
        // server instead of being loaded by it.
        .library(
            name: "PyProxyServerExtension", type: .dynamic, targets: ["ProxyServerRuntime"]),
    ],
    dependencies: [
        .package(url: "https://github.com/apple/swift-argument-parser", from: "1.5.0"),
        .package(url: "https://github.com/apple/swift-collections", from: "1.1.0"),
        .package(url: "https://github.com/apple/swift-log", from: "1.6.0"),
        .package(url: "https://github.com/apple/swift-numerics", from: "1.0.0"),
        .package(url: "https://github.com/apple/swift-system", from: "1.4.0"),
    ],
    targets: [
        .systemLibrary(
            name: "CPython", pkgConfig: "python3",
            providers: [.apt(["python3-dev"]), .brew(["python3"])]),
        .target(name: "CPythonABI", dependencies: ["CPython"]),
        .target(name: "CPlatform"),

        .target(name: "ProxyWire"),
        .target(
            name: "ProxyTransport",
            dependencies: [
                "ProxyWire", "CPlatform",
                .product(name: "DequeModule", package: "swift-collections"),
                .product(name: "SystemPackage", package: "swift-system"),
            ]),
        .target(
            name: "PythonProxy",
            dependencies: [
                "ProxyWire", "ProxyTransport", "CPlatform",
                .product(name: "DequeModule", package: "swift-collections"),
                .product(name: "ComplexModule", package: "swift-numerics"),
                .product(name: "RealModule", package: "swift-numerics"),
                .product(name: "Logging", package: "swift-log"),
                .product(name: "OrderedCollections", package: "swift-collections"),
                .product(name: "SystemPackage", package: "swift-system"),
            ]),
        .target(name: "CompasTypes", dependencies: ["PythonProxy"]),
        .target(
            name: "PythonInterpreter",
            dependencies: ["ProxyWire", "ProxyTransport", "CPythonABI", "CPlatform"],
            // A link to python/pyproxy_runtime: the sources are carried inside the server binary.
            resources: [.embedInCode("Runtime")]),
        .target(
            name: "ProxyServer",
            dependencies: [
                "ProxyWire", "ProxyTransport", "CPlatform",
                .product(name: "DequeModule", package: "swift-collections"),
                .product(name: "SystemPackage", package: "swift-system"),
            ]),
        .target(
            name: "ProxyServerRuntime",
            dependencies: [
                "ProxyWire", "ProxyTransport", "ProxyServer", "PythonInterpreter",
                .product(name: "ArgumentParser", package: "swift-argument-parser"),
            ]),
        .executableTarget(name: "pyproxy-server", dependencies: ["ProxyServerRuntime"]),
        .executableTarget(
            name: "pyproxy",
            dependencies: [
                "PythonProxy",
                .product(name: "ArgumentParser", package: "swift-argument-parser"),
            ]),

        // Run by scripts/soak.
        .executableTarget(
            name: "Soak",
            dependencies: [
                "PythonProxy", "ProxyTransport", "ProxyWire",
                .product(name: "ArgumentParser", package: "swift-argument-parser"),
            ],
            path: "Tests/Soak"),

        // Run by EndToEndTests: a user's program, several at a time.
        .executableTarget(
            name: "TestProgram",
            dependencies: [
                "PythonProxy", .product(name: "ArgumentParser", package: "swift-argument-parser"),
            ],
            path: "Tests/TestProgram"),

        .testTarget(name: "ProxyWireTests", dependencies: ["ProxyWire"]),
        .testTarget(
            name: "ProxyTransportTests", dependencies: ["ProxyTransport", "ProxyWire"]),
        .testTarget(
            name: "ProxyServerTests", dependencies: ["ProxyServer", "ProxyTransport", "ProxyWire"]),
        .testTarget(
            name: "PythonProxyTests",
            dependencies: ["PythonProxy", "ProxyTransport", "ProxyWire", "CPlatform"]),
        // What users write, without access to anything that is not public.
        .testTarget(
            name: "ContractTests",
            dependencies: [
                "PythonProxy", "pyproxy-server",
                .product(name: "Logging", package: "swift-log"),
            ]),
        // The executables and the extension module are run, not linked.
        .testTarget(
            name: "EndToEndTests",
            dependencies: [
                "PythonProxy", "CompasTypes", "ProxyTransport", "pyproxy-server", "pyproxy",
                "TestProgram",
                .product(name: "Logging", package: "swift-log"),
            ]),
    ],
    swiftLanguageModes: [.v6]
)

// libFuzzer brings its own main, so that these exist only where it does: see scripts/fuzz.
if Context.environment["PYPROXY_FUZZ"] != nil {
    package.targets += [
        .executableTarget(
            name: "FuzzClient", dependencies: ["PythonProxy", "ProxyWire"],
            path: "Tests/Fuzz/FuzzClient"),
        .executableTarget(
            name: "FuzzServer",
            dependencies: ["PythonInterpreter", "ProxyServer", "ProxyTransport", "ProxyWire"],
            path: "Tests/Fuzz/FuzzServer"),
    ]
}
