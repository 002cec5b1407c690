// swift-tools-version: 6.1
import PackageDescription

let package = Package(
    name: "CableNet",
    platforms: [.macOS(.v15)],
    dependencies: [
        .package(name: "PythonProxy", path: "../..")
    ],
    targets: [
        .executableTarget(
            name: "CableNet",
            dependencies: [
                // The library, and the server that it starts: SwiftPM puts both into the same folder.
                .product(name: "PythonProxy", package: "PythonProxy"),
                .product(name: "pyproxy-server", package: "PythonProxy"),
            ])
    ],
    swiftLanguageModes: [.v6]
)
