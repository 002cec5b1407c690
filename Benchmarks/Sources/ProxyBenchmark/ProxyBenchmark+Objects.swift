import PythonProxy

/// Objects that stay on the server. All series of a row take turns: the speed of the machine changes.
extension ProxyBenchmark {
    private static let message = String(repeating: "x", count: 40)

    /// Echo calls of a function, and of a method of an object while few or many others are alive.
    func timeObjects() async throws {
        try await withProxy(python: PythonEnvironment(python), path: path) { [runs] proxy in
            let thing: [PythonObject] = try await proxy.peers_objects.things(1)
            try await inTurns(
                runs,
                of: [
                    ("floor", { try await Self.echo(proxy) }),
                    ("pythonproxy/1", { try await Self.echo(thing[0]) }),
                ])
            let many: [PythonObject] = try await proxy.peers_objects.things(100_000)
            try await inTurns(
                runs,
                of: [
                    ("floor", { try await Self.echo(proxy) }),
                    ("pythonproxy/100000", { try await Self.echo(many[50_000]) }),
                ])
        }
    }

    private static func echo(_ proxy: Proxy) async throws {
        let answer: String = try await proxy.peers_echo.echo(message)
        precondition(answer == message)
    }

    private static func echo(_ object: PythonObject) async throws {
        let answer: String = try await object.echo(message)
        precondition(answer == message)
    }

    /// Calls with an object as the argument, and with what ten operators make of it.
    func timeOperators() async throws {
        try await withProxy(python: PythonEnvironment(python), path: path) { [runs] proxy in
            let x: PythonObject = try await proxy.peers_objects.number()
            try await inTurns(
                runs,
                of: [
                    ("floor", { try await proxy.peers_objects.take(x) }),
                    (
                        "pythonproxy",
                        {
                            let sum = x + 1 + 1 + 1 + 1 + 1
                            try await proxy.peers_objects.take(sum + 1 + 1 + 1 + 1 + 1)
                        }
                    ),
                ])
        }
    }

    /// Echo calls, twenty additions as one script, as a script that is kept, and as a call each.
    func timeScripts() async throws {
        let kept = try PythonScript(parameters: 1) { py, values in
            var sum = values[0]
            for _ in 0..<20 { sum = sum.__add__(1) }
            return sum
        }
        try await withProxy(python: PythonEnvironment(python), path: path) { [runs] proxy in
            try await inTurns(
                runs,
                of: [
                    ("floor", { try await Self.echo(proxy) }),
                    (
                        "pythonproxy",
                        {
                            let sum: Int = try await proxy.script { py in
                                var sum = py[1]
                                for _ in 0..<20 { sum = sum.__add__(1) }
                                return sum
                            }
                            precondition(sum == 21)
                        }
                    ),
                    (
                        "pythonproxy/kept",
                        {
                            let sum: Int = try await kept(on: proxy, 1)
                            precondition(sum == 21)
                        }
                    ),
                    (
                        "pythonproxy/calls",
                        {
                            var sum: PythonObject = try await proxy.peers_objects.number()
                            for _ in 0..<20 { sum = try await sum.__add__(1) }
                        }
                    ),
                ])
        }
    }

    /// Echo calls while another client holds 100,000 objects, and while it releases them.
    func timeReleases() async throws {
        let environment = PythonEnvironment(python)
        let proxy = try await Proxy(python: environment, path: path)
        let other = try await Proxy(python: environment, path: path)
        for turn in 0...(runs / 5000) {
            var things: [PythonObject] = try await other.peers_objects.things(100_000)
            let before = try await durations(5000) { try await Self.echo(proxy) }
            precondition(things.count == 100_000)
            things = []
            let after = try await durations(5000) { try await Self.echo(proxy) }
            guard turn > 0 else { continue }
            for time in before { print("floor", time) }
            for time in after { print("pythonproxy", time) }
        }
        await proxy.stopServer()
    }

    /// Times a thousand calls of each series, and again, until there are `runs` of each. The first turn warms up.
    private nonisolated(nonsending) func inTurns(
        _ runs: Int, of series: [(name: String, body: () async throws -> Void)]
    ) async throws {
        for turn in 0...(runs / 1000) {
            for (name, body) in series {
                let durations = try await durations(1000, body)
                if turn > 0 { for duration in durations { print(name, duration) } }
            }
        }
    }

    private nonisolated(nonsending) func durations(
        _ count: Int, _ body: () async throws -> Void
    ) async throws -> [Int64] {
        let clock = ContinuousClock()
        var durations: [Int64] = []
        durations.reserveCapacity(count)
        for _ in 0..<count {
            let start = clock.now
            try await body()
            durations.append((clock.now - start).nanoseconds)
        }
        return durations
    }
}
