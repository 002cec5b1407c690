// swift-tools-version: 6.2
import PackageDescription

// The library, and the server that it starts: SwiftPM puts both into the same folder.
let proxy: [Target.Dependency] = [
    .product(name: "PythonProxy", package: "PythonProxy"),
    .product(name: "pyproxy-server", package: "PythonProxy"),
]

let package = Package(
    name: "Examples",
    platforms: [.macOS(.v15)],
    dependencies: [
        .package(name: "PythonProxy", path: "..")
    ],
    targets: [
        // The program of the README.
        .executableTarget(name: "FirstSteps", dependencies: proxy),
        // The demo: form finding of a cable net.
        .executableTarget(name: "CableNet", dependencies: proxy),
        // The programs of the guide "Objects".
        .executableTarget(name: "Objects", dependencies: proxy),
        // And those of the guide "Scripts".
        .executableTarget(name: "Scripts", dependencies: proxy),
        // What a package that depends on the library may do in its tests, in debug and in release.
        .testTarget(name: "ExampleTests", dependencies: proxy),
    ],
    swiftLanguageModes: [.v6]
)
