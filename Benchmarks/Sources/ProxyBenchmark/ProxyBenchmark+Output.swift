import PythonProxy

/// What printing costs.
extension ProxyBenchmark {
    /// Times a call that prints `count` lines, until the last one has arrived. Without a listener they are shown on
    /// standard output, which the durations are printed on as well.
    func timeOutput() async throws {
        try await withProxy(
            "peers_echo", python: PythonEnvironment(python), path: path
        ) { peers in
            let clock = ContinuousClock()
            for _ in 0..<runs {
                let start: ContinuousClock.Instant
                if row == .heard {
                    let output = peers.server.output
                    let listener = Task {
                        var lines = 0
                        for await chunk in output where chunk.stream == .standardOutput {
                            lines += 1
                            if lines + chunk.droppedBytes >= count { break }
                        }
                        return lines
                    }
                    start = clock.now
                    try await peers.chatter(count)
                    let lines = await listener.value
                    precondition(lines == count)
                } else {
                    start = clock.now
                    try await peers.chatter(count)
                }
                print((clock.now - start).nanoseconds)
            }
        }
    }
}
