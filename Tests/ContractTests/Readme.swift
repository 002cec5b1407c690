// What README.md shows under "What you can write", which scripts/check-readme compares. Compiled, and not run.
import Logging
import PythonProxy

struct Person: Decodable {
    var name: String
    var age: Int
}

func readme(numpy: Proxy, package: Proxy, math: Proxy, a: [[Double]], b: [Double], logger: Logger)
    async throws
{
    // README
    let x: [Double] = try await numpy.linalg.solve(a, b)  // dotted paths, typed results
    let v = try await package.f(1, "two", nil, flag: true)  // PythonValue; keywords by label
    let frame = try await package.DataFrame(["k": ["a", "b"], "v": [1, 2]])  // literals may mix
    let person: Person = try await package.find("Ada")  // of a dict, a dataclass, an object
    let (n, s): (Int, String) = try await package.pair()  // tuples destructure
    let pi: Double = try await math.pi.get()  // attributes
    let model: PythonObject = try await package.Model()  // stays on the server: model.fit(x)
    let c: Double = try await package.script { py in py.numpy.sin(1) * 2 }  // steps, one round trip
    let rows: [Station] = try await package.table()  // a DataFrame by rows, of a Decodable type
    let state = try SharedNDArray<Double>(shape: [1000, 3])  // memory that both sides see
    try await package.with(timeout: .seconds(2)).f()  // ProxyError.timedOut; Python is interrupted
    try await package["stopServer"](1)  // names that Proxy uses itself

    let proxy = try await Proxy("scipy.linalg", python: .automatic)  // the server stays for others
    let optimize = try await Proxy("scipy.optimize", on: proxy)  // one session, another package
    let pandas = Proxy.lazy("pandas", python: ".venv")  // connects with its first call
    try await proxy.server.forwardLogs(to: logger)  // Python's logging, to swift-log
    for await chunk in proxy.server.output { print(chunk.text, terminator: "") }  // its text
    for await event in proxy.server.reloads { print(event) }  // what was reloaded after a save
    await proxy.stopServer()
    // README
    print(x, v, frame, person, n, s, pi, model, c, rows, state, optimize, pandas)
}
