import Foundation
import PythonProxy

/// Finds the form of a cable net from COMPAS's sample data with the force density method.
///
/// Usage: `CableNet ENVIRONMENT PICTURE`, with an environment that has compas 1.17 installed.
@main
struct CableNet {
    static func main() async throws {
        let arguments = CommandLine.arguments
        guard arguments.count == 3 else {
            print("usage: CableNet ENVIRONMENT PICTURE")
            exit(64)
        }
        let python = URL(fileURLWithPath: #filePath).deletingLastPathComponent()
            .appendingPathComponent("../../python").standardized.path
        do {
            try await withProxy(
                "compas.numerical", python: PythonEnvironment(arguments[1]),
                service: "sample_net", path: python
            ) { numerical in
                try await findForm(numerical, picture: URL(fileURLWithPath: arguments[2]))
            }
        } catch {
            print("\(error)")
            exit(1)
        }
    }

    static func findForm(_ numerical: Proxy, picture: URL) async throws {
        let net: Net = try await numerical.load("hypar.obj")
        let forceDensities = net.isBoundary.map { $0 ? 10.0 : 1.0 }
        let loads = NDArray(repeating: 0.0, shape: [net.vertices.count, 3])

        let (xyz, _, forces, lengths, residuals):
            (
                NDArray<Double>, NDArray<Double>, NDArray<Double>, NDArray<Double>, NDArray<Double>
            ) = try await numerical.fd_numpy(
                net.vertices, net.edges, net.anchors, forceDensities, loads)

        let free = Set(net.vertices.indices).subtracting(net.anchors)
        let largestResidual =
            free.map { vertex in
                (0..<3).map { residuals[vertex, $0] * residuals[vertex, $0] }.reduce(0, +)
                    .squareRoot()
            }.max() ?? 0
        print(
            "net                \(net.vertices.count) nodes, \(net.edges.count) cables, "
                + "\(net.anchors.count) anchors")
        print("total cable length \(lengths.scalars.reduce(0, +))")
        print("largest force      \(forces.scalars.max() ?? 0)")
        print("largest residual   \(largestResidual)")

        let form = (0..<xyz.shape[0]).map { vertex in (0..<3).map { xyz[vertex, $0] } }
        try NetPicture(
            panels: [("before", net.vertices), ("after", form)], edges: net.edges,
            anchors: net.anchors
        ).write(to: picture)
        print("picture            \(picture.path)")
    }
}
