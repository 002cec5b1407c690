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
    state[0, 2] = array.reduce(0, +)
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
