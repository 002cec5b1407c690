import Foundation
import PythonProxy

/// A scikit-learn pipeline that stays on the server.
func pipeline(_ python: Proxy) async throws {
    let sklearn = python["sklearn"]
    let (x, y): (NDArray<Double>, [Int]) = try await sklearn.datasets.load_iris(return_X_y: true)
    let scaler: PythonObject = try await sklearn.preprocessing.StandardScaler()
    let classifier: PythonObject = try await sklearn.linear_model.LogisticRegression()
    let model: PythonObject = try await sklearn.pipeline.make_pipeline(scaler, classifier)
    try await model.fit(x, y)
    let score: Double = try await model.score(x, y)
    let steps: [String] = try await model.named_steps.keys()
    print("pipeline", steps, score > 0.95)
}

/// A matplotlib figure, saved and fetched.
func figure(_ python: Proxy, _ file: URL) async throws {
    let plt = python["matplotlib.pyplot"]
    let (figure, axes): (PythonObject, PythonObject) = try await plt.subplots(figsize: [4, 3])
    try await axes.plot([1, 2, 3, 4], [1, 4, 2, 3], label: "a")
    try await axes.set(xlabel: "x", ylabel: "y")
    try await axes.legend()
    try await figure.savefig(file.path)
    try await plt.close(figure)
    print("figure", try Data(contentsOf: file).count > 1000)
}

/// A pandas table: grouped, merged, extended, read as structs.
func table(_ python: Proxy) async throws {
    struct Row: Decodable {
        var city: String
        var visits: Int
        var country: String
    }
    let pandas = python["pandas"]
    let trips: PythonObject = try await pandas.DataFrame([
        "city": ["Zurich", "Paris", "Zurich"], "visits": [2, 5, 3],
    ])
    let cities: PythonObject = try await pandas.DataFrame([
        "city": ["Paris", "Zurich"], "country": ["France", "Switzerland"],
    ])
    let grouped: PythonObject = try await trips.groupby("city", as_index: false)
    let sums: PythonObject = try await grouped.sum()
    try await sums["visits"].set(sums["visits"] * 10)
    let rows: [Row] = try await pandas.merge(sums, cities, on: "city")
    for row in rows { print("table", row.city, row.visits, row.country) }
}

/// A derivative with sympy, whose operators are Python's.
func derivative(_ python: Proxy) async throws {
    let sympy = python["sympy"]
    let x: PythonObject = try await sympy.Symbol("x")
    let derivative: PythonObject = try await sympy.diff(x ** 3 + 2 * x - 1, x)
    let text: String = try await python.builtins.str(derivative)
    let slope: Double = try await derivative.subs(x, 2)
    print("derivative", text, slope)
}

/// A networkx graph.
func graph(_ python: Proxy) async throws {
    let nx = python["networkx"]
    let graph: PythonObject = try await nx.Graph()
    try await graph.add_edges_from([["a", "b"], ["b", "c"], ["a", "d"], ["d", "c"]])
    try await graph["a"]["b"]["weight"].set(4)
    let path: [String] = try await nx.shortest_path(graph, "a", "c", weight: "weight")
    let degrees: [String: Int] = try await python.builtins.dict(graph.degree)
    print("graph", path, degrees["a"] ?? 0)
}

/// Shapes with shapely.
func geometry(_ python: Proxy) async throws {
    let shapely = python["shapely"]
    let square: PythonObject = try await shapely.box(0, 0, 2, 2)
    let disc: PythonObject = try await (shapely.Point(2, 2) as PythonObject).buffer(1)
    let area: Double = try await evaluate((square - disc).area)
    let corners: [[Double]] = try await square.exterior.coords.get()
    print("geometry", (area * 100).rounded() / 100, corners.count)
}

/// Expressions of polars: nothing is computed before `filter` and `select` get them.
func expressions(_ python: Proxy) async throws {
    let pl = python["polars"]
    let people: PythonObject = try await pl.DataFrame([
        "name": ["Ada", "Ben"], "weight": [57.9, 72.5], "height": [1.56, 1.77],
    ])
    let (weight, height): (PythonObject, PythonObject) = try await (
        pl.col("weight"), pl.col("height")
    )
    let tall: PythonObject = try await people.filter((height > 1.6) & (weight < 100))
    let index = (weight / height ** 2).round(1).alias("bmi")
    let rows: [[String: Double]] = try await tall.select(index)
    print("expressions", rows)
}

/// SQL over a table in memory with duckdb, which finds it by its name in `__main__`.
func query(_ python: Proxy) async throws {
    struct Total: Decodable {
        var kind: String
        var total: Int
    }
    let items: PythonObject = try await python.pandas.DataFrame([
        "kind": ["a", "b", "a"], "n": [1, 2, 3],
    ])
    try await python["__main__"].items.set(items)
    let relation: PythonObject = try await python.duckdb.sql(
        "SELECT kind, CAST(sum(n) AS INTEGER) AS total FROM items GROUP BY kind ORDER BY kind")
    let totals: [Total] = try await relation.df()
    for total in totals { print("query", total.kind, total.total) }
    try await python["__main__"].items.delete()
}

/// A connection of sqlite3, which wants to be used by one thread: that of a server for one call at a time.
func database(_ environment: PythonEnvironment) async throws {
    try await withProxy(python: environment, maximumConcurrentCalls: 1) { python in
        let connection: PythonObject = try await python.sqlite3.connect(":memory:")
        try await connection.execute("CREATE TABLE points (name TEXT, x REAL)")
        try await connection.executemany(
            "INSERT INTO points VALUES (?, ?)", [["a", 1.5], ["b", 2.5]] as PythonValue)
        try await connection.commit()
        let cursor: PythonObject = try await connection.execute("SELECT name, x FROM points")
        let rows: [[PythonValue]] = try await cursor.fetchall()
        for row in rows { print("database", row[0], row[1]) }
        try await connection.close()
    }
}

/// A mesh of COMPAS, changed through its methods and read back.
func mesh(_ python: Proxy) async throws {
    let mesh: PythonObject = try await python["compas.datastructures"].Mesh.from_meshgrid(
        dx: 3, nx: 3)
    for vertex in try await mesh.vertices() as [Int] {
        let (x, y): (Double, Double) = try await mesh.vertex_attributes(vertex, "xy")
        try await mesh.vertex_attribute(vertex, "z", x * y)
    }
    let heights: [Double] = try await mesh.vertices_attribute("z")
    let faces: Int = try await mesh.number_of_faces()
    print("mesh", faces, heights.max() ?? 0)
}

/// A function that changes its arguments: they are objects on the server, not copies.
func inPlace(_ python: Proxy) async throws {
    let diagrams = python["compas_tna.diagrams"]
    let form: PythonObject = try await diagrams.FormDiagram.create_cross(n: 4)
    try await form.update_boundaries()
    let force: PythonObject = try await diagrams.ForceDiagram.from_formdiagram(form)
    try await python["compas_tna.equilibrium"].horizontal_nodal(form, force)
    let forceDensities: [Double] = try await form.edges_attribute("q")
    print("in place", forceDensities.count, forceDensities.contains { $0 > 1 })
}
