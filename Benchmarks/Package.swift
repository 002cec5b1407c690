// swift-tools-version: 6.2
import PackageDescription

let package = Package(
    name: "Benchmarks",
    platforms: [.macOS(.v15)],
    dependencies: [
        .package(name: "PythonProxy", path: ".."),
        .package(url: "https://github.com/apple/swift-argument-parser", from: "1.5.0"),
    ],
    targets: [
        .executableTarget(name: "FloorBenchmark"),
        .executableTarget(
            name: "ProxyBenchmark",
            dependencies: [
                .product(name: "PythonProxy", package: "PythonProxy"),
                .product(name: "pyproxy-server", package: "PythonProxy"),
                .product(name: "ArgumentParser", package: "swift-argument-parser"),
            ]),
    ],
    swiftLanguageModes: [.v6]
)
