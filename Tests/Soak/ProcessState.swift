import Foundation

/// What a process holds.
struct ProcessState: CustomStringConvertible {
    let descriptors: Int
    let threads: Int
    let kilobytes: Int
    /// Shared memory of this project that is mapped.
    let segments: Int

    /// - Parameter process: "self", or a number.
    init(of process: String) {
        func lines(_ name: String) -> [Substring] {
            // Files in /proc have no length: they must be read to the end.
            let file = FileHandle(forReadingAtPath: "/proc/\(process)/\(name)")
            let data = (try? file?.readToEnd()) ?? Data()
            return String(decoding: data, as: UTF8.self).split(separator: "\n")
        }
        func count(_ folder: String) -> Int {
            (try? FileManager.default.contentsOfDirectory(atPath: "/proc/\(process)/\(folder)"))?
                .count ?? 0
        }
        descriptors = count("fd")
        threads = count("task")
        kilobytes =
            lines("status").first { $0.hasPrefix("VmRSS") }?
            .split(separator: " ").dropFirst().first.flatMap { Int($0) } ?? 0
        segments = lines("maps").count { $0.contains("memfd:pyproxy") }
    }

    init?(text: some StringProtocol) {
        let numbers = text.split(separator: " ").compactMap { Int($0) }
        guard numbers.count == 4 else { return nil }
        (descriptors, threads, kilobytes, segments) = (
            numbers[0], numbers[1], numbers[2], numbers[3]
        )
    }

    static var current: ProcessState { ProcessState(of: "self") }

    var description: String { "\(descriptors) \(threads) \(kilobytes) \(segments)" }
}
