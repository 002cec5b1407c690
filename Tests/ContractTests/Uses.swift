// What users write. It is compiled, and not run: that these spellings compile is what is promised.
import Foundation
import Logging
import PythonProxy

let numpy = Proxy.lazy("numpy", python: "venv")

struct Holder {
    static let pandas = Proxy.lazy("pandas")
    let scipy: Proxy = .lazy("scipy", path: ["a", "b"])
}

struct Point: Codable, Sendable {
    var x: Double
    var y: Double
}

struct Station: Decodable, Sendable {
    var name: String
    var height: Double
}

func proxies(folder: URL, name: String) async throws {
    let proxy = try await Proxy(
        "scipy", python: PythonEnvironment(folder), path: folder,
        environment: ["OMP_NUM_THREADS": "1"], sharing: .private, maximumConcurrentCalls: 1)
    let linalg = try await Proxy("scipy.linalg", on: proxy)
    let same = try await Proxy(
        ProxyConfiguration("scipy", python: PythonEnvironment(name), path: ["a", "b"]))
    try await withProxy("math", python: "venv") { math in
        let pi: Double = try await math.pi.get()
        print(pi)
    }
    var configuration = ProxyConfiguration()
    configuration.package = "math"
    configuration.idleTimeout = .seconds(60)
    let root: Double = try await withProxy(configuration) { try await $0.sqrt(4) }
    try await linalg.restartServer()
    try await linalg.startServer()
    await linalg.stopServer()
    await same.disconnect()
    print(root, proxy.package as Any)
}

func servers(_ proxy: Proxy, logger: Logger) async throws {
    let server = proxy.server
    try await server.ping()
    print(
        server.address, server.processIdentifier as Any, server.environment, server.service as Any)
    let status = try await server.status()
    for call in status.calls { print(call.function, call.duration, call.stack) }
    for client in status.otherClients { print(client.name, client.duration) }
    print(status.processIdentifier, status.pythonVersion, status.duration, status.memory)
    let event = try await server.reload()
    print(event.modules, event.error as Any)
    for await chunk in server.output { print(chunk.stream, chunk.text, chunk.callID as Any) }
    for await event in server.reloads { print(event.modules, event.error as Any) }
    for await record in try await server.logs(from: .warning) { print(record.message) }
    try await server.forwardLogs(to: logger)
}

func calls(_ proxy: Proxy) async throws {
    let a = [[1.0, 2], [3, 4]]
    let x: [Double] = try await proxy.linalg.solve(a, [1, 2])
    let v = try await proxy.f(1, "two", nil, flag: true)
    let options: [Double] = try await proxy.minimize(
        [1.0, 2], options: ["maxiter": 100, "disp": true], bounds: [[0, 1], [nil, 2]])
    let json: String = try await proxy.json.dumps(
        ["a": 1, "b": "x", "c": [1, 2.5, nil]], indent: 2)
    let part: [Double] = try await proxy.take([1.0, 2, 3], 0..<2)
    let named: Double = try await proxy.f.call(arguments: [1, nil], keywords: ["k": 2])
    let (n, s): (Int, String) = try await proxy.pair()
    let found: Int? = try await proxy.find(3)
    let point: Point = try await proxy.move(Point(x: 1, y: 2))
    let stations: [Station] = try await proxy.stations()
    let pi: Double = try await proxy.math.pi.get()
    try await proxy.config.level.set(3)
    try await proxy.matplotlib.pyplot.plot(x, [1, 2])
    let z = try await proxy.f.call(arguments: [1, 2], keywords: [("k", 2)])
    try await proxy.with(timeout: .seconds(2)).f()
    try await proxy.with(timeout: .seconds(2), escalation: .kill(after: .seconds(1))).f()
    try await proxy.with(output: { print($0.text) }).f()
    try await proxy.f.with(output: { print($0.text) }).with(timeout: .seconds(2)).call(arguments: [
        1
    ])
    try await proxy["stopServer"](1)
    async let one: Int = proxy.f(1)
    async let two = proxy.f(2)
    print(
        v, options, json, part, named, n, s, found as Any, point, stations, pi, z, try await one,
        try await two)
}

func methods(_ proxy: Proxy, names: [String]) async throws {
    let text: String = try await proxy.requests.get("https://example.org", timeout: 5)
    let response = try await proxy.requests.get("https://example.org")
    try await proxy.axes.set(title: "a")
    try await proxy.subprocess.call(["ls"], shell: false)
    try await proxy.pandas.DataFrame(PythonDictionary(["name": names, "age": [1, 2]]))
    let level: Int = try await proxy.config.level.get()
    print(text, response, level)
}

func values(_ proxy: Proxy) async throws {
    var v = try await proxy.f()
    v["a"] = 1
    v["b"][0] = [1.5, nil]
    for item in v { print(item, item.debugDescription) }
    let i = Int(try await proxy.os.getpid())
    let s = String(try await proxy.os.getcwd())
    let a: [Double]? = Array(try await proxy.numpy.arange(3))
    let w = try PythonValue([1, 2])
    let d = try v.as([String: Int].self)
    let array: NDArray<Double> = try await proxy.numpy.arange(6.0)
    try await proxy.numpy.take(array, 0..<3)
    try await proxy.random.sample(1...49, 6)
    let state = try SharedNDArray<Double>(shape: [1000, 3])
    state[0, 2] = array.row(0).reduce(0, +)
    let column = NDArray<Double>.zeros(shape: [2, 2])[.all, 0]
    state[0, 1] = column[1]
    try await proxy.simulation.advance(state, 0.1)
    let slice = PythonSlice(nil, nil, step: -1)
    let time = try v["time"].as(PythonDateTime.self)
    print(i as Any, s as Any, a as Any, w, d, state.copy, slice, time, "\(v)")
}

func errors(_ proxy: Proxy) async {
    do { try await proxy.fail() } catch let error as PythonError {
        print(error.type, error.module, error.message, error.traceback, error.notes, error.output)
    } catch let error as ProxyError {
        print(error)
    } catch {
        print(error)
    }
}

func objects(_ proxy: Proxy, x: [[Double]], y: [Double]) async throws {
    let model: PythonObject = try await proxy.sklearn.linear_model.LinearRegression(
        fit_intercept: true)
    try await model.fit(x, y)
    let predicted: NDArray<Double> = try await model.predict(x)
    let coefficients: [Double] = try await model.coef_.get()
    let frame: PythonObject = try await proxy.pandas.DataFrame(["k": ["a", "b"], "v": [1, 2]])
    let mean: Double = try await frame["v"].mean()
    let part: Double = try await frame.iloc[0..<1, 1...].sum()
    let back: [Int] = try await frame["v"].iloc[PythonSlice(nil, nil, step: -1)].tolist()
    try await frame["c"].set([1, 2])
    try await frame["c"].delete()
    let models: [String: PythonObject] = try await proxy.factory.models()
    try await proxy.report(model, options: ["best": model])
    let best: PythonObject = try await proxy.optimize.minimize(proxy.optimize.rosen, [1.0, 2])
    let nlp: PythonObject = try await proxy.spacy.blank("en")
    let document: PythonObject = try await nlp("Zurich is buying")
    try await nlp("again", disable: ["ner"])
    let delayed: PythonObject = try await proxy.joblib.delayed(proxy.math.sqrt)
    let task: PythonValue = try await delayed(4)
    let text: Data = try await proxy.text.encode("utf-8")
    let symbol: PythonObject = try await proxy.sympy.Symbol("x")
    let derivative: PythonObject = try await proxy.sympy.diff(
        symbol * symbol + 2 * symbol - 1, symbol)
    let number: Double = try await evaluate(3 * symbol ** 2 + 1)
    let variable: PythonObject = try await proxy.cvxpy.Variable(2)
    let problem: PythonObject = try await proxy.cvxpy.Problem(
        proxy.cvxpy.Minimize(proxy.cvxpy.sum_squares(variable - 1)),
        [variable >= 0, variable <= [1.0, 2], variable .== 1])
    print(
        predicted, coefficients, mean, part, back, models, best == model, document, task, text,
        derivative, number, problem)
}

func scripts(_ proxy: Proxy, object: PythonObject, levels: [Double]) async throws {
    let png: Data = try await proxy.script { py in
        let plt = py.matplotlib.pyplot
        let figure = plt.figure(figsize: [4, 3])
        for level in levels { plt.axhline(level, color: "red") }
        let buffer = py.io.BytesIO()
        figure.savefig(buffer, format: "png")
        return buffer.getvalue()
    }
    try await proxy.script { py in
        py.random.seed(1)
        py.numpy.random.seed(2)
    }
    let (n, area): (Int, Double) = try await proxy.script { py in
        let frame = py.pandas.DataFrame(["a": [1, 2], "b": [3, 4]])
        frame["c"] = frame["a"] + frame["b"] * 2
        frame["d"] = [1, 2.5]
        frame["e"] = 3
        frame.title = "x"
        frame["e"] += frame["a"] * 2 - 1
        frame["e"] **= 2
        var total = frame["e"].sum()
        total += 1.5
        for level in levels { total *= level }
        delete(frame["d"])
        py.f(contains(frame, "c"), total)
        return (frame["c"].sum(), py[object].area)
    }
    let (a, b, c): (Int, String, [Double]) = try await proxy.script { py in
        (py.f(1), py.g("x"), py.h(levels, key: nil))
    }
    let lab = try await PythonModule("def f(x): return x * x", on: proxy)
    let nine: Int = try await lab.f(3)
    let side: Double = try await withContext(object) { try await $0.area() }
    let study = try PythonScript(parameters: 1) { py, values in py.f(values[0]) * 2 }
    let result: Double = try await study(on: proxy, timeout: .seconds(2), 1.5)
    try await proxy.script(timeout: .seconds(2), output: { print($0.text) }) { py in py[lab].f(1) }
    let isThere: Bool = try await evaluate(contains(object.names, "x"))
    print(isThere)
    print(png, n, area, a, b, c, nine, side, result)
}

/// On the main actor, with what is its own.
@MainActor
func scriptsOfActors(_ proxy: Proxy, _ view: NSMutableString) async throws {
    let count: Int = try await proxy.script { py in
        view.append("recorded")
        return py.builtins.len("\(view)")
    }
    view.append("\(count)")
}

func formulas(
    _ x: PythonObject, _ y: PythonObject, _ f: PythonAttribute, _ v: [Double],
    _ a: NDArray<Double>
) async throws {
    let energy = 0.5 * x * x + 0.5 * y * y + 1.0 / 3 * x * y - 0.25 * (x - 1) * (y + 1)
    let chosen =
        (x["a"] + x["b"] * 2 > 1) & (x["c"] .== "t") | ~(y["d"] - 1 < 2 * x["e"])
    let mixed = a * x + x * v - 3 * x * [1, 2] + "a" + x
    let power = 2 ** x ** 3 - x ** 2 / 4 + 7 % x
    let bounds = [0 <= x, x <= 1, x .== y, x .!= 3]
    let value: Double = try await f(energy, chosen, key: mixed)
    let other: Double = try await evaluate(power)
    print(bounds.count, value, other)
}

/// Names of Python that are also names of Swift reach Python.
func names(_ object: PythonObject, _ name: PythonAttribute) async throws {
    try await object.get("k")
    try await object.set(title: "a")
    try await object.call(1)
    try await object.delete("k")
    try await object.encode("utf-8")
    try await object.hash()
    try await object.write("text")
    try await object.description()
    try await object.count("a")
    try await object.map(1)
    try await object.filter(1)
    try await object.min()
    try await object.max(axis: 0)
    try await object.index("a")
    try await object.evaluate("x")
    try await object.keys()
    try await object.values()
    try await object.append(1)
    try await object.sort(reverse: true)
    try await object.package()
    try await object.server()
    try await object.reference()
    try await object.target()
    try await name.get("k")
    try await name.set(title: "a")
    try await name.call(1)
    try await name.delete("k")
    try await name.encode("utf-8")
    try await name.write("text")
    try await name.description()
    try await name.count("a")
    try await name.map(1)
    try await name.index("a")
    try await name.callee()
    try await name.link()
    let count: Int = try await object.count.get()
    let text: String = try await object.description.get()
    print(count, text)
}
