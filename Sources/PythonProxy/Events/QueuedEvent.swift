/// An event of a server that waits in a listener's queue, whose length is bounded.
protocol QueuedEvent: Sendable {
    /// Losses are counted for each category.
    associatedtype Category: Hashable & Sendable = Bool

    var category: Category { get }
    /// How much of a queue's capacity the event takes.
    var weight: Int { get }
    /// How much is lost if the event is dropped.
    var loss: Int { get }
    /// The same event, which says that so much of its category was lost before it.
    func following(loss: Int) -> Self
}

/// Events that are counted, and do not say that others were lost.
extension QueuedEvent where Category == Bool {
    var category: Bool { true }
    var weight: Int { 1 }
    var loss: Int { 1 }

    func following(loss: Int) -> Self { self }
}

extension PythonLogRecord: QueuedEvent {}
extension ReloadEvent: QueuedEvent {}

/// Output is counted in bytes, and says how many of its stream were dropped.
extension OutputChunk: QueuedEvent {
    var category: Stream { stream }
    var weight: Int { bytes.count }
    var loss: Int { bytes.count + droppedBytes }

    func following(loss: Int) -> OutputChunk {
        OutputChunk(
            stream: stream, text: text, bytes: bytes, callID: callID,
            droppedBytes: droppedBytes + loss)
    }
}
