import Foundation

/// What became of all the calls.
struct SoakReport {
    private(set) var problems: [String] = []
    let text: String

    init(folder: String, herd: SoakHerd, chaos: SoakChaos) throws {
        let executed = try String(contentsOfFile: folder + "/python/executed", encoding: .utf8)
            .split(separator: "\n")
        var executions: [Substring: Int] = [:]
        for token in executed { executions[token, default: 0] += 1 }
        var counts: [String: Int] = [:]
        var problems: [String] = []
        let doubled = executions.filter { $0.value > 1 }.map(\.key)
        if !doubled.isEmpty {
            problems.append("\(doubled.count) calls were executed twice: \(doubled.prefix(5))")
        }
        let names = try FileManager.default.contentsOfDirectory(atPath: folder)
            .filter { $0.hasPrefix("results-") }
        var states: [ProcessState] = []
        for name in names {
            let client = String(name.dropFirst("results-".count))
            let lines = try String(contentsOfFile: folder + "/" + name, encoding: .utf8)
                .split(separator: "\n")
            var open: Set<Substring> = []
            for line in lines {
                let words = line.split(separator: " ", maxSplits: 2)
                counts[String(words[0]), default: 0] += 1
                switch words[0] {
                case "began": open.insert(words[1])
                case "answered":
                    if executions[words[1]] != 1 { problems.append("\(line), but not executed") }
                    fallthrough
                case "cancelled", "crashed", "refused":
                    if open.remove(words[1]) == nil {
                        problems.append("\(line) without a beginning")
                    }
                case "wrong":
                    open.remove(words[1])
                    problems.append(String(line))
                case "state":
                    if client.hasPrefix("c0."), let state = ProcessState(text: words[2]) {
                        states.append(state)
                    }
                default: break
                }
            }
            if herd.killed.contains(client) { continue }
            if lines.last != "finished" { problems.append("client \(client) did not finish") }
            if !open.isEmpty { problems.append("lost: \(Array(open.prefix(5))) of \(client)") }
        }
        if let first = states.first, let last = states.last {
            if last.kilobytes > first.kilobytes * 3 / 2 + 20_000 {
                problems.append(
                    "memory of a client grew from \(first.kilobytes) to \(last.kilobytes) kB")
            }
            if last.descriptors > first.descriptors + 8 {
                problems.append("descriptors grew from \(first.descriptors) to \(last.descriptors)")
            }
            if last.threads > first.threads + 8 {
                problems.append("threads grew from \(first.threads) to \(last.threads)")
            }
        } else {
            problems.append("no state of a client was noted")
        }
        self.problems = problems
        func line(_ label: String, _ value: String) -> String {
            label.padding(toLength: 28, withPad: " ", startingAt: 0) + value
        }
        var report = [line("calls begun", "\(counts["began"] ?? 0)")]
        for (key, label) in [
            ("answered", "answered"), ("cancelled", "cancelled or timed out"),
            ("crashed", "ended by a crash"), ("refused", "refused"), ("wrong", "wrong"),
        ] { report.append(line(label, "\(counts[key] ?? 0)")) }
        report.append(line("executed by Python", "\(executed.count)"))
        for (what, count) in chaos.counts.sorted(by: { $0.key < $1.key }) {
            report.append(line(what, "\(count)"))
        }
        for (index, state) in states.enumerated() {
            report.append(
                line(
                    "client after \(index + 1)/\(states.count)",
                    "\(state.kilobytes / 1024) MB, \(state.descriptors) descriptors, "
                        + "\(state.threads) threads, \(state.segments) segments mapped"))
        }
        text = report.joined(separator: "\n")
    }
}
