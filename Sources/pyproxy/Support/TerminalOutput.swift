import Foundation
import PythonProxy

/// Copies what Python prints to this program's standard error, as it happens.
struct TerminalOutput {
    private let task: Task<Void, Never>

    init(_ chunks: AsyncStream<OutputChunk>) {
        task = Task {
            for await chunk in chunks {
                if chunk.droppedBytes > 0 {
                    FileHandle.standardError.write(
                        Data("[\(chunk.droppedBytes) bytes of output were dropped]\n".utf8))
                }
                FileHandle.standardError.write(Data(chunk.bytes))
            }
        }
    }

    /// Waits until everything has been copied. The proxy must have been released.
    func finish() async { await task.value }
}

/// Writes a line to standard error.
func complain(_ text: String) {
    FileHandle.standardError.write(Data((text + "\n").utf8))
}
