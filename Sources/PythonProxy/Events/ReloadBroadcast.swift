/// Hands reload events of a server to everyone who listens.
typealias ReloadBroadcast = Broadcast<ReloadEvent, Void>

extension ReloadBroadcast {
    convenience init() { self.init(capacity: 1000) }

    func listen() -> AsyncStream<ReloadEvent> { listen(()) }

    func send(_ event: ReloadEvent) { send(event) { true } }
}
