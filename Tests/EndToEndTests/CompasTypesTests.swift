import CompasTypes
import Foundation
import PythonProxy
import Testing

/// Objects of both versions of COMPAS as Swift types, and Swift types as objects of COMPAS.
@Suite(.timeLimit(.minutes(10)))
struct CompasTypesTests {
    static let module = """
        import compas.geometry as cg
        from compas.datastructures import Mesh
        def echo(x): return x
        def type_name(x): return type(x).__module__.split(".")[0] + "." + type(x).__name__
        def moved(point, vector): return point + vector
        def length(polyline): return polyline.length
        def to_world(frame, point): return frame.to_world_coordinates(point)
        def frame(): return cg.Frame([1, 2, 3], [0, 1, 0], [0, 0, 1])
        def cube():
            mesh = Mesh.from_polyhedron(6)
            mesh.name = "cube"
            return mesh
        def euler(mesh): return mesh.euler()
        def area(mesh): return mesh.area()
        def guid_text(x): return str(x.guid)
        def keys(mesh): return list(mesh.vertices()), list(mesh.faces())
        def heights(mesh): return [mesh.vertex_coordinates(key)[2] for key in mesh.vertices()]
        """

    private func withModule(
        _ environment: TestEnvironment, _ body: (Proxy) async throws -> Void
    ) async throws {
        try await Workspace.with(environment, modules: ["shapes": Self.module]) { workspace in
            try await workspace.withProxy("shapes", { _ in }, body)
        }
    }

    private static let square = Mesh(
        vertices: [Point(0, 0, 0), Point(2, 0, 0), Point(2, 2, 0), Point(0, 2, 0)],
        faces: [[0, 1, 2, 3]])

    /// Results by vertex are in the order of the keys, in every run.
    @Test(.needsPackages, arguments: [TestEnvironment.compas, .compas2])
    func verticesAndFacesArriveInTheOrderOfTheirKeys(
        environment: TestEnvironment
    ) async throws {
        let size = 40
        let points = (0..<size * size).map {
            Point(Double($0 / size), Double($0 % size), Double($0))
        }
        let faces = (0..<size - 1).flatMap { row in
            (0..<size - 1).map { column in
                let first = row * size + column
                return [first, first + 1, first + size + 1, first + size]
            }
        }
        try await withModule(environment) { shapes in
            let mesh = Mesh(vertices: points, faces: faces)
            let (vertexKeys, faceKeys): ([Int], [Int]) = try await shapes.keys(mesh)
            #expect(vertexKeys == Array(points.indices) && faceKeys == Array(faces.indices))
            let heights: [Double] = try await shapes.heights(mesh)
            #expect(heights == points.map(\.z))
        }
    }

    @Test(.needsPackages, .needsPackages, arguments: [TestEnvironment.compas, .compas2])
    func swiftTypesArriveAsObjectsOfCompas(environment: TestEnvironment) async throws {
        try await withModule(environment) { shapes in
            let objects: [(any CompasConvertible, String)] = [
                (Point(1, 2, 3), "compas.Point"), (Vector(1, 2, 3), "compas.Vector"),
                (
                    Frame(point: Point(1, 2, 3), xaxis: Vector(1, 0, 0), yaxis: Vector(0, 1, 0)),
                    "compas.Frame"
                ),
                (Polyline([Point(0, 0, 0), Point(3, 4, 0)]), "compas.Polyline"),
                (Self.square, "compas.Mesh"),
            ]
            for (object, name) in objects {
                let type: String = try await shapes.type_name(object)
                #expect(type == name)
            }
            let moved: Point = try await shapes.moved(Point(1, 2, 3), Vector(1, 1, 1))
            #expect(moved == Point(2, 3, 4))
            let length: Double = try await shapes.length(
                Polyline([Point(0, 0, 0), Point(3, 4, 0)]))
            #expect(length == 5)
            let area: Double = try await shapes.area(Self.square)
            #expect(area == 4)
            let back: Mesh = try await shapes.echo(Self.square)
            #expect(back == Self.square)
        }
    }

    @Test(.needsPackages, arguments: [TestEnvironment.compas, .compas2])
    func objectsOfCompasArriveAsSwiftTypesAndAsThemselves(
        environment: TestEnvironment
    ) async throws {
        try await withModule(environment) { shapes in
            let frame: Frame = try await shapes.frame()
            #expect(frame.point == Point(1, 2, 3) && frame.yaxis == Vector(0, 0, 1))
            let world: Point = try await shapes.to_world(frame, Point(1, 0, 0))
            #expect(world == Point(1, 3, 3))

            let cube: Mesh = try await shapes.cube()
            #expect(cube.vertices.count == 8 && cube.faces.count == 6)
            let euler: Int = try await shapes.euler(cube)
            #expect(euler == 2)

            let object: CompasData = try await shapes.cube()
            #expect(object.dtype == "compas.datastructures/Mesh")
            #expect(object.data["vertex"].count == 8)
            #expect(try object.data.as(Mesh.self) == cube)
            // The same object again, with its guid.
            let guid: UUID = try await shapes.guid_text(object)
            #expect(guid == object.guid)
        }
    }

    @Test(.needsPackages) func anUnknownDtypeIsNamed() async throws {
        try await withModule(.compas2) { shapes in
            do {
                try await shapes.echo(CompasData(dtype: "os/system", data: ["x": 1]))
                Issue.record("os.system became an object of COMPAS")
            } catch ProxyError.conversion(let error) {
                #expect(error.message.contains("os/system"), "\(error)")
                #expect(error.place == "argument 1")
            }
        }
    }
}
