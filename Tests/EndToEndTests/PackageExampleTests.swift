import Foundation
import PythonProxy
import Testing

/// The first examples of packages' documentation, with the real packages: read in Swift as they are in Python.
@Suite(.needsPackages, .timeLimit(.minutes(5)))
struct PackageExampleTests {
    private func withPython(
        _ environment: TestEnvironment = .packages, _ body: (Proxy) async throws -> Void
    ) async throws {
        try await Workspace.with(environment) { workspace in
            try await workspace.withProxy(nil, { $0.environment["MPLBACKEND"] = "agg" }, body)
        }
    }

    @Test func scikitLearn() async throws {
        try await withPython { python in
            let sklearn = python["sklearn"]
            let classifier: PythonObject = try await python["sklearn.ensemble"]
                .RandomForestClassifier(random_state: 0)
            let samples = [[1, 2, 3], [11, 12, 13]]
            try await classifier.fit(samples, [0, 1])
            let predicted: [Int] = try await classifier.predict(samples)
            #expect(predicted == [0, 1])

            let scaler: PythonObject = try await sklearn.preprocessing.StandardScaler()
            let pipeline: PythonObject = try await python["sklearn.pipeline"].make_pipeline(
                scaler, python["sklearn.linear_model"].LogisticRegression() as PythonObject)
            let (x, y): (PythonObject, PythonObject) = try await python["sklearn.datasets"]
                .load_iris(return_X_y: true)
            let (xTrain, xTest, yTrain, yTest): (NDArray<Double>, NDArray<Double>, [Int], [Int]) =
                try await python["sklearn.model_selection"].train_test_split(x, y, random_state: 0)
            try await pipeline.fit(xTrain, yTrain)
            let score: Double = try await python["sklearn.metrics"].accuracy_score(
                pipeline.predict(xTest) as PythonObject, yTest)
            #expect(score > 0.9)
            let name: String = try await pipeline.steps[0][0].get()
            #expect(name == "standardscaler")
        }
    }

    @Test func statsmodels() async throws {
        try await withPython { python in
            let sm = python["statsmodels.api"]
            let spector: PythonObject = try await sm.datasets.spector.load()
            let exogenous: PythonObject = try await sm.add_constant(spector.exog)
            let model: PythonObject = try await sm.OLS(spector.endog, exogenous)
            let results: PythonObject = try await model.fit()
            let parameters: [String: Double] = try await results.params.get()
            #expect(abs(try #require(parameters["GPA"]) - 0.46385) < 1e-4)
            let summary: PythonObject = try await results.summary()
            let text: String = try await summary.as_text()
            #expect(text.contains("OLS Regression Results"))

            // A formula looks up names where the call stands.
            try await python["__main__"].np.set(python.numpy)
            let fitted: PythonObject = try await python["statsmodels.formula.api"].ols(
                "GRADE ~ TUCE + np.log(GPA)", data: spector.data)
            let again: PythonObject = try await fitted.fit()
            let count: Double = try await again.nobs.get()
            #expect(count == 32)
        }
    }

    @Test func networkx() async throws {
        try await withPython { python in
            let nx = python["networkx"]
            let graph: PythonObject = try await nx.Graph()
            try await graph.add_node(1)
            try await graph.add_nodes_from([2, 3])
            try await graph.add_nodes_from([.tuple([4, ["color": "red"]])])
            try await graph.add_edge(1, 2)
            try await graph.add_edges_from([.tuple([1, 2]), .tuple([1, 3])])
            let nodes: [Int] = try await graph.nodes.get()
            #expect(nodes == [1, 2, 3, 4])
            let edges: [[Int]] = try await graph.edges.get()
            #expect(edges == [[1, 2], [1, 3]])
            try await graph[1][3]["color"].set("blue")
            let edge: [String: String] = try await graph.edges[1, 3].get()
            #expect(edge == ["color": "blue"])
            let path: [Int] = try await nx.shortest_path(graph, 2, 3)
            #expect(path == [2, 1, 3])
            let degree: Int = try await graph.degree[1].get()
            #expect(degree == 2)
            let parts: [Set<Int>] = try await nx.connected_components(graph)
            #expect(parts == [[1, 2, 3], [4]])
        }
    }

    @Test func shapely() async throws {
        try await withPython { python in
            let shapely = python["shapely"]
            let point: PythonObject = try await shapely.Point(0.0, 0.0)
            let patch: PythonObject = try await point.buffer(10.0)
            let area: Double = try await patch.area.get()
            #expect(abs(area - 313.6548490545941) < 1e-9)
            let polygon: PythonObject = try await shapely.Polygon(
                [[0, 0], [0, 1], [1, 1], [0, 0]])
            let isInside: Bool = try await patch.contains(polygon)
            #expect(isInside)
            let text: String = try await polygon.wkt.get()
            #expect(text == "POLYGON ((0 0, 0 1, 1 1, 0 0))")
            let coordinates: [[Double]] = try await polygon.exterior.coords.get()
            #expect(coordinates.first == [0, 0] && coordinates.count == 4)
            let union: Double = try await evaluate((patch | polygon).area)
            #expect(abs(union - area) < 1e-9)
        }
    }

    @Test func matplotlib() async throws {
        try await withPython { python in
            let plt = python["matplotlib.pyplot"]
            let (figure, axes): (PythonObject, PythonObject) = try await plt.subplots()
            try await axes.plot([1, 2, 3, 4], [1, 4, 2, 3])
            try await axes.set(title: "a", xlabel: "x")
            let buffer: PythonObject = try await python.io.BytesIO()
            try await figure.savefig(buffer, format: "png")
            let picture: Data = try await buffer.getvalue()
            #expect(picture.prefix(4) == Data([0x89, 0x50, 0x4E, 0x47]))
            let title: String = try await axes.get_title()
            #expect(title == "a")
            let lines: [PythonObject] = try await axes.lines.get()
            let y: [Double] = try await lines[0].get_ydata()
            #expect(y == [1, 4, 2, 3])
            try await plt.close(figure)
        }
    }

    @Test func pillow() async throws {
        try await withPython { python in
            let images = python["PIL.Image"]
            let image: PythonObject = try await images.new("RGB", [6, 4], color: "red")
            let buffer: PythonObject = try await python.io.BytesIO()
            try await image.save(buffer, "PNG")
            try await buffer.seek(0)
            let read: PythonObject = try await images.open(buffer)
            let (format, size, mode): (String, [Int], String) = try await (
                read.format.get(), read.size.get(), read.mode.get()
            )
            #expect(format == "PNG" && size == [6, 4] && mode == "RGB")
            let turned: PythonObject = try await read.transpose(images.Transpose.ROTATE_90)
            let pixels: NDArray<UInt8> = try await evaluate(turned)
            #expect(pixels.shape == [6, 4, 3] && pixels[0, 0, 0] == 255)
            let part: PythonObject = try await read.crop([0, 0, 2, 3])
            let pixel: [Int] = try await part.getpixel(.tuple([1, 1]))
            #expect(pixel == [255, 0, 0])
        }
    }

    @Test func xarray() async throws {
        try await withPython { python in
            let xr = python["xarray"]
            let data: PythonObject = try await xr.DataArray(
                NDArray([[1.0, 2, 3], [4, 5, 6]]), dims: ["x", "y"], coords: ["x": [10, 20]])
            let values: NDArray<Double> = try await data.values.get()
            #expect(values.shape == [2, 3])
            let row: [Double] = try await data[0, 0...].get()
            #expect(row == [1, 2, 3])
            let located: [Double] = try await data.loc[10].get()
            let selected: [Double] = try await data.sel(x: 20)
            #expect(located == row && selected == [4, 5, 6])
            let mean: [Double] = try await data.mean(dim: "x")
            #expect(mean == [2.5, 3.5, 4.5])
            let sum: [[Double]] = try await evaluate(data + 10)
            #expect(sum[1] == [14, 15, 16])
            try await data.attrs["units"].set("metres")
            let dataset: PythonObject = try await xr.Dataset(["foo": data])
            let units: String = try await dataset.foo.attrs["units"].get()
            #expect(units == "metres")
        }
    }

    @Test func polars() async throws {
        try await withPython { python in
            let pl = python["polars"]
            let frame: PythonObject = try await pl.DataFrame([
                "name": ["Alice", "Ben", "Chloe"], "weight": [57.9, 72.5, 53.6],
                "height": [1.5, 1.77, 1.65], "year": [1997, 1985, 1983],
            ])
            let (weight, height): (PythonObject, PythonObject) = try await (
                pl.col("weight"), pl.col("height")
            )
            let index = (weight / height ** 2).alias("bmi")
            struct Row: Decodable, Equatable {
                var name: String
                var bmi: Double
            }
            let rows: [Row] = try await frame.select(pl.col("name") as PythonObject, index)
            #expect(rows.map(\.name) == ["Alice", "Ben", "Chloe"])
            #expect(abs(rows[0].bmi - 57.9 / 2.25) < 1e-12)
            let year: PythonObject = try await pl.col("year")
            let chosen: PythonObject = try await frame.filter(
                (year > 1984) & (height < 1.6), weight > 50)
            let names: [String] = try await chosen["name"].get()
            #expect(names == ["Alice"])
            let mean: PythonObject = try await weight.mean()
            let grouped: PythonObject = try await frame.group_by(
                (year > 1984).alias("late"), maintain_order: true)
            let means: [[String: PythonValue]] = try await grouped.agg(mean)
            #expect(means.count == 2 && means[1]["weight"] == 53.6)
        }
    }

    @Test func pyarrow() async throws {
        try await withPython { python in
            let pa = python["pyarrow"]
            let days: PythonObject = try await pa.array(
                [1, 12, 17, 23, 28], type: pa.int8() as PythonObject)
            let months: PythonObject = try await pa.array([1, 3, 5, 7, 1])
            let table: PythonObject = try await pa.table(
                [days, months], names: ["days", "months"])
            let counts: PythonObject = try await python["pyarrow.compute"].value_counts(
                table["months"])
            let four: Int = try await python.builtins.len(counts)
            #expect(four == 4)
            let column: [Int] = try await table["days"].get()
            #expect(column == [1, 12, 17, 23, 28])
            let folder =
                FileManager.default.temporaryDirectory.path
                + "/pyproxy-test-\(UUID().uuidString)"
            try FileManager.default.createDirectory(
                atPath: folder, withIntermediateDirectories: true)
            defer { try? FileManager.default.removeItem(atPath: folder) }
            let parquet = python["pyarrow.parquet"]
            try await parquet.write_table(table, "\(folder)/birthdays.parquet")
            let read: PythonObject = try await parquet.read_table("\(folder)/birthdays.parquet")
            let isEqual: Bool = try await read.equals(table)
            #expect(isEqual)
            let type: String = try await python.builtins.str(
                read.schema.field("days") as PythonObject)
            #expect(type.contains("int8"))
        }
    }

    @Test func sympy() async throws {
        try await withPython { python in
            let sympy = python["sympy"]
            let (x, y): (PythonObject, PythonObject) = try await sympy.symbols("x y")
            let expression: PythonObject = try await evaluate(x + 2 * y)
            let expanded: String = try await python.builtins.str(
                sympy.expand(x * expression) as PythonObject)
            #expect(expanded == "x**2 + 2*x*y")
            let derivative: PythonObject = try await sympy.diff(
                (sympy.sin(x) as PythonObject) * (sympy.exp(x) as PythonObject), x)
            let text: String = try await python.builtins.str(derivative)
            #expect(text == "exp(x)*sin(x) + exp(x)*cos(x)")
            let roots: [Double] = try await sympy.solve(x ** 2 - 2, x)
            #expect(roots.map { ($0 * $0).rounded() } == [2, 2])
            let root: String = try await python.builtins.str(sympy.sqrt(8) as PythonObject)
            #expect(root == "2*sqrt(2)")
            let value: Double = try await expression.subs([x: 1, y: 2.5] as [PythonObject: Double])
            #expect(value == 6)
        }
    }

    @Test func pint() async throws {
        try await withPython { python in
            let units: PythonObject = try await python["pint"].UnitRegistry()
            let length: PythonObject = try await evaluate(3 * units.meter + 4 * units.cm)
            let (magnitude, unit): (Double, String) = try await (
                length.magnitude.get(), python.builtins.str(length.units)
            )
            #expect(magnitude == 3.04 && unit == "meter")
            let speed: PythonObject = try await evaluate(24.0 * units.meter / (8 * units.second))
            let inches: PythonObject = try await speed.to("inch / minute")
            let number: Double = try await inches.m.get()
            #expect(abs(number - 7086.614) < 1e-3)
            let quantity: PythonObject = try await units.Quantity([1.0, 2.0], "m")
            let converted: [Double] = try await (quantity.to(units.cm) as PythonObject).magnitude
                .get()
            #expect(converted == [100, 200])
        }
    }

    @Test func duckdb() async throws {
        try await withPython { python in
            let duckdb = python["duckdb"]
            let answer: PythonObject = try await duckdb.sql("SELECT 42 AS i")
            let rows: [[Int]] = try await answer.fetchall()
            #expect(rows == [[42]])
            let connection: PythonObject = try await duckdb.connect()
            try await connection.execute("CREATE TABLE items (item VARCHAR, value DECIMAL(10, 2))")
            try await connection.executemany(
                "INSERT INTO items VALUES (?, ?)",
                [["jeans", 20.0], ["hammer", 42.2]] as PythonValue)
            struct Item: Decodable, Equatable {
                var item: String
                var value: Double
            }
            let items: [Item] = try await
                (connection.execute("SELECT * FROM items") as PythonObject)
                .df()
            #expect(items == [Item(item: "jeans", value: 20), Item(item: "hammer", value: 42.2)])
            // A frame is a table under the name that it has where the call stands.
            let frame: PythonObject = try await python.pandas.DataFrame(["a": [1, 2, 3]])
            try await python["__main__"].frame.set(frame)
            let sum: PythonObject = try await duckdb.sql("SELECT sum(a) FROM frame")
            let six: Int = try await (sum.fetchall() as PythonObject)[0][0].get()
            #expect(six == 6)
            try await python["__main__"].frame.delete()
            try await connection.close()
        }
    }

    @Test func requests() async throws {
        try await withPython { python in
            let requests = python["requests"]
            let session: PythonObject = try await requests.Session()
            try await session.headers.update(["x-test": "true"])
            try await session.auth.set(PythonValue.tuple(["user", "pass"]))
            let request: PythonObject = try await requests.Request(
                "GET", "https://example.org/get", params: ["key": "value"])
            let prepared: PythonObject = try await session.prepare_request(request)
            let url: String = try await prepared.url.get()
            #expect(url == "https://example.org/get?key=value")
            let header: String = try await prepared.headers["x-test"].get()
            let authorization: String = try await prepared.headers["Authorization"].get()
            #expect(header == "true" && authorization.hasPrefix("Basic "))
            let error = await #expect(throws: PythonError.self) {
                try await requests.get("http://127.0.0.1:1/", timeout: 5)
            }
            #expect(error?.type == "ConnectionError")
            let ok: Int = try await requests.codes.ok.get()
            #expect(ok == 200)
        }
    }

    @Test func spacy() async throws {
        try await withPython { python in
            let nlp: PythonObject = try await python["spacy"].blank("en")
            let document: PythonObject = try await nlp(
                "Apple is looking at buying U.K. startup for $1 billion")
            let tokens: [PythonObject] = try await evaluate(document)
            let texts: [String] = try await {
                var texts: [String] = []
                for token in tokens { texts.append(try await token.text.get()) }
                return texts
            }()
            #expect(texts.prefix(3) == ["Apple", "is", "looking"] && texts.contains("U.K."))
            let span: String = try await document[0..<2].text.get()
            #expect(span == "Apple is")
            let isCurrency: Bool = try await document[8].is_currency.get()
            #expect(isCurrency)
            struct Token: Decodable { var text: String; var i: Int }
            let read: [Token] = try await evaluate(document)
            #expect(read.map(\.text) == texts && read.map(\.i) == Array(texts.indices))
            let matcher: PythonObject = try await python["spacy.matcher"].Matcher(nlp.vocab)
            try await matcher.add("BUY", [[["LOWER": "buying"]]] as PythonValue)
            let matches: [[PythonValue]] = try await matcher(document)
            #expect(matches.count == 1 && matches[0][1] == 4)
        }
    }

    @Test func lightgbm() async throws {
        try await withPython { python in
            let lgb = python["lightgbm"]
            let rows = (0..<200).map { [Double($0 % 20), Double($0 / 20)] }
            let data = NDArray(shape: [200, 2], rows.flatMap { $0 })
            let label = rows.map { $0[0] > 9 ? 1 : 0 }
            let training: PythonObject = try await lgb.Dataset(data, label: label)
            let booster: PythonObject = try await lgb.train(
                ["objective": "binary", "verbose": -1, "num_leaves": 4] as PythonValue, training, 10
            )
            let predicted: NDArray<Double> = try await booster.predict(data)
            #expect(predicted[0] < 0.5 && predicted[19] > 0.5)
            let trees: Int = try await booster.num_trees()
            #expect(trees == 10)
        }
    }

    @Test func trimesh() async throws {
        try await withPython { python in
            let trimesh = python["trimesh"]
            let mesh: PythonObject = try await trimesh.Trimesh(
                vertices: [[0, 0, 0], [0, 0, 1], [0, 1, 0]], faces: [[0, 1, 2]])
            let isClosed: Bool = try await mesh.is_watertight.get()
            #expect(!isClosed)
            let box: PythonObject = try await trimesh.creation.box(extents: [1, 2, 3])
            let volume: Double = try await box.volume.get()
            #expect(abs(volume - 6) < 1e-9)
            try await box.apply_translation([10, 0, 0])
            let centre: [Double] = try await box.center_mass.get()
            #expect(abs(centre[0] - 10) < 1e-9)
            let vertices: NDArray<Double> = try await box.vertices.get()
            #expect(vertices.shape == [8, 3])
            try await box.visual.face_colors.set([255, 0, 0, 255])
            let colours: NDArray<UInt8> = try await box.visual.face_colors.get()
            #expect(colours.shape == [12, 4] && colours[0, 0] == 255)
            let text: Data = try await box.export(file_type: "stl")
            #expect(text.count == 84 + 12 * 50)
        }
    }

    @Test func rdkit() async throws {
        try await withPython { python in
            let chem = python["rdkit.Chem"]
            let molecule: PythonObject = try await chem.MolFromSmiles("Cc1ccccc1")
            let count: Int = try await molecule.GetNumAtoms()
            #expect(count == 7)
            let atoms: [PythonObject] = try await molecule.GetAtoms()
            var numbers: [Int] = []
            for atom in atoms { numbers.append(try await atom.GetAtomicNum()) }
            #expect(numbers == Array(repeating: 6, count: 7))
            let text: String = try await chem.MolToSmiles(molecule)
            #expect(text == "Cc1ccccc1")
            let pattern: PythonObject = try await chem.MolFromSmarts("c1ccccc1")
            let match: [Int] = try await molecule.GetSubstructMatch(pattern)
            #expect(match == [1, 2, 3, 4, 5, 6])
            let nothing: PythonObject? = try await chem.MolFromSmiles("CO(C)C")
            #expect(nothing == nil)
            let weight: Double = try await python["rdkit.Chem.Descriptors"].MolWt(molecule)
            #expect(abs(weight - 92.141) < 1e-2)
        }
    }

    @Test func cvxpy() async throws {
        try await withPython { python in
            let cp = python["cvxpy"]
            let (a, b) = (NDArray([[1.0, 2], [3, 4], [5, 6]]), NDArray([1.0, 2, 3]))
            let x: PythonObject = try await cp.Variable(2)
            let product: PythonObject = try await python.operator.matmul(a, x)
            let residual: PythonObject = try await cp.sum_squares(product - b)
            let goal: PythonObject = try await cp.Minimize(residual)
            let problem: PythonObject = try await cp.Problem(goal, [0 <= x, x <= 1])
            let best: Double = try await problem.solve()
            #expect(best < 1e-6)
            let solution: NDArray<Double> = try await x.value.get()
            #expect(abs(solution[1] - 0.5) < 1e-3)
            let status: String = try await problem.status.get()
            #expect(status == "optimal")
            let constraints: [PythonObject] = try await problem.constraints.get()
            let dual: [Double] = try await constraints[0].dual_value.get()
            #expect(dual.count == 2)

            let (v, w): (PythonObject, PythonObject) = try await (cp.Variable(), cp.Variable())
            let second: PythonObject = try await cp.Problem(
                cp.Minimize((v - w) ** 2) as PythonObject, [v + w .== 1, v - w >= 1])
            let one: Double = try await second.solve()
            #expect(abs(one - 1) < 1e-6)
        }
    }

    @Test func compas2() async throws {
        try await withPython(.compas2) { python in
            let mesh: PythonObject = try await python["compas.datastructures"].Mesh.from_polyhedron(
                6)
            let count: Int = try await mesh.number_of_faces()
            #expect(count == 6)
            let keys: [Int] = try await mesh.vertices()
            for key in keys { try await mesh.vertex_attribute(key, "z", Double(key)) }
            let heights: [Double] = try await mesh.vertices_attribute("z")
            #expect(heights == keys.map(Double.init))
            let geometry = python["compas.geometry"]
            let frame: PythonObject = try await geometry.Frame([0, 0, 0], [1, 0, 0], [0, 1, 0])
            let box: PythonObject = try await geometry.Box(1, 2, 3, frame: frame)
            let volume: Double = try await box.volume.get()
            #expect(volume == 6)
            let (p, q): (PythonObject, PythonObject) = try await (
                geometry.Point(1, 2, 3), geometry.Vector(1, 0, 0)
            )
            let moved: [Double] = try await evaluate(p + q * 2)
            #expect(moved == [3, 2, 3])
        }
    }
}
