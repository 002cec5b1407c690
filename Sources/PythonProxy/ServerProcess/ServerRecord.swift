import Foundation
import ProxyTransport

/// Which process serves at a place, for those who find that it has died: in a file beside its socket.
struct ServerRecord {
    let process: Int32
    let startTime: UInt64

    /// The record of a process that has just been started; nil if it has ended already.
    init?(of process: Int32) {
        guard let startTime = ProcessSession.startTime(of: process) else { return nil }
        self.process = process
        self.startTime = startTime
    }

    /// Nil if there is none.
    init?(path: String) {
        guard let text = try? String(contentsOfFile: path, encoding: .utf8) else { return nil }
        let words = text.split(separator: " ")
        guard words.count == 2, let process = Int32(words[0]), process > 1,
            let startTime = UInt64(words[1])
        else { return nil }
        self.process = process
        self.startTime = startTime
    }

    /// Whether the process is there.
    var isAlive: Bool { ProcessSession.startTime(of: process) == startTime }

    /// Signals the process, if it is there.
    func send(_ signal: Int32) { if isAlive { kill(process, signal) } }

    /// Blocks until the process has ended, for so many milliseconds at most.
    ///
    /// - Returns: whether it has.
    func waitForEnd(milliseconds: Int) -> Bool {
        ProcessSession.waitForEnd(of: process, milliseconds: milliseconds)
        return !isAlive
    }

    func write(to path: String) throws {
        let file = try Descriptor(
            opening: path, flags: O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW)
        var text = "\(process) \(startTime)"
        text.withUTF8 { _ = Foundation.write(file.number, $0.baseAddress, $0.count) }
    }

    /// Kills what the server has left running: pools of processes, say. Those that have begun a session of their
    /// own stay.
    func endRemainingProcesses() { ProcessSession.killAll(ledBy: process, startedAt: startTime) }
}
