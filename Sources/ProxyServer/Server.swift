import CPlatform
import ProxyTransport
import ProxyWire

#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#else
    import Darwin
#endif

/// A server: accepts clients, lets an interpreter perform their calls, relays its output.
package final class Server<Python: Interpreter>: Sendable {
    private let configuration: ServerConfiguration
    private let interpreter: Python
    private let listener: Listener
    private let receiver: Receiver
    private let relay: OutputRelay
    private let capture: OutputCapture?
    private let currentCall: CurrentCall
    private let sessions = ConditionMutex<[Session]>([])
    private let lastSessionID = ConditionMutex<UInt64>(0)
    private let process: ProcessControl
    private let isEnding = ConditionMutex(false)
    private let mainThread = ConditionMutex<MainThread?>(nil)
    private let hasFinished = ConditionMutex(false)
    private let dispatcher = ConditionMutex<Dispatcher<QueuedCall, Python.ThreadState>?>(nil)

    /// Listens and, if wanted, captures the output of this process.
    ///
    /// - Parameters:
    ///   - owner: reaches its end when the process that owns this server is gone.
    package init(
        configuration: ServerConfiguration, interpreter: Python, log: ServerLog,
        owner: consuming Descriptor?, output: ServerOutput, process: ProcessControl = .process
    ) throws(SystemError) {
        self.process = process
        self.configuration = configuration
        self.interpreter = interpreter
        self.relay = OutputRelay(log: log)
        self.capture = output.capture
        self.currentCall = output.currentCall
        listener = try Listener(at: configuration.socket)
        receiver = try Receiver(listener: listener, owner: owner)
        output.connect { [weak self] in self?.relay(output: $0, $1, of: $2) }
    }

    /// Serves on the current thread, the main one, until the server is to end.
    ///
    /// - Parameter onReady: called once clients can connect.
    package func run(
        mainThread: Python.ThreadState, onReady: () -> Void
    ) throws(SystemError) {
        let dispatcher = Dispatcher<QueuedCall, Python.ThreadState>(
            actions: .init(
                attach: { [self] in interpreter.attachCurrentThread() },
                receive: { [self] in receive() },
                perform: { [self] in perform($0, on: $1) }))
        self.dispatcher.withLock { $0 = dispatcher }
        self.mainThread.withLock { $0 = MainThread(thread: pthread_self()) }
        cplatform_notify_on_signal(SIGTERM, receiver.signalDescriptor)
        onReady()
        try dispatcher.run(context: mainThread)
    }

    /// Says goodbye to the clients. The last thing before the process ends.
    package func finish() {
        capture?.flush()
        let open = sessions.withLock { $0 }
        for session in open { session.end(Closing(.shutdown, "the server has ended")) }
        for session in open { session.channel.waitUntilSent(milliseconds: 1000) }
        hasFinished.signal { $0 = true }
    }

    /// SAFETY (`@unchecked Sendable`): only the name of a thread, which lives as long as the process.
    private struct MainThread: @unchecked Sendable {
        let thread: pthread_t
    }

    // MARK: Calls

    private func perform(_ call: QueuedCall, on thread: Python.ThreadState) {
        currentCall.run(call) {
            interpreter.perform(
                call.frame, on: thread, accepting: configuration.limits,
                sending: call.sending, lender: call.session.channel.lender
            ) { reply in
                capture?.flush()
                call.session.channel.send(reply)
            }
        }
    }

    /// Takes a call back that has not begun.
    ///
    /// - Parameter arrived: the calls that have just come and are not the dispatcher's yet.
    private func cancel(
        _ callID: UInt64, of session: Session, _ arrived: inout [QueuedCall]
    ) {
        let isCancelled: (QueuedCall) -> Bool = { $0.isCall(callID, of: session) }
        let withdrawn =
            arrived.filter(isCancelled)
            + (dispatcher.withLock { $0 }?.withdraw(where: isCancelled) ?? [])
        arrived.removeAll(where: isCancelled)
        for call in withdrawn {
            session.channel.send(
                Rejection(.cancelled, "the call was cancelled before it began")
                    .frame(callID: call.frame.callID))
        }
    }

    // MARK: Clients

    /// Waits for requests and answers what needs no Python. For the holder of the reading role.
    private func receive() -> [QueuedCall] {
        var calls: [QueuedCall] = []
        receiver.receive { (event) in
            switch consume event {
            case .frame(let frame, let session): handle(frame, of: session, &calls)
            case .connected(let descriptor): welcome(descriptor)
            case .violated(let session, let error):
                session.end(
                    Closing(.protocolViolation, "what was sent is not the protocol: \(error)"),
                    as: session.isOpen ? .goodbye : .refusal)
                remove(session)
            case .disconnected(let session):
                session.channel.close()
                remove(session)
            case .ownerGone: stop()
            case .signalled: stop()
            }
        }
        return calls
    }

    private func handle(
        _ frame: InboundFrame, of session: Session, _ calls: inout [QueuedCall]
    ) {
        switch session.event(for: frame) {
        case .call(let sending):
            calls.append(QueuedCall(session: session, frame: frame, sending: sending))
        case .welcome(let welcome, let sending):
            // Python functions write into their arguments: the client's memory stays as it is.
            session.channel.open(
                accepting: configuration.limits, sending: sending, isolatesWrites: true)
            session.channel.send(welcome.frame())
            sessions.withLock { $0.append(session) }
        case .end(let closing, let kind):
            session.end(closing, as: kind)
            remove(session)
        case .cancel(let callID):
            cancel(callID, of: session, &calls)
        case .pong(let callID):
            session.channel.send(FrameBuffer().seal(kind: .pong, callID: callID))
        case .stopServer:
            stop()
        case .ignore:
            break
        }
    }

    private func welcome(_ descriptor: consuming Descriptor) {
        let id = lastSessionID.withLock { id in
            id += 1
            return id
        }
        let welcome = Welcome(
            processIdentifier: getpid(), pythonVersion: interpreter.version,
            limits: configuration.limits)
        receiver.add(
            Session(
                id: id, channel: Channel(descriptor, payloadLimit: Limits.handshakeLength),
                handshake: Handshake(identity: configuration.identity, welcome: welcome)))
    }

    private func remove(_ session: Session) {
        receiver.remove(session)
        sessions.withLock { $0.removeAll { $0 === session } }
        relay.forget(session)
        // Nobody waits for the answers any more.
        _ = dispatcher.withLock { $0 }?.withdraw { $0.session === session }
    }

    // MARK: Output

    private func relay(
        output stream: Output.Stream, _ bytes: UnsafeRawBufferPointer, of call: QueuedCall?
    ) {
        if let call { return relay.send(stream, bytes, of: call) }
        relay.send(
            stream, bytes, running: dispatcher.withLock { $0 }?.runningCalls ?? [],
            sessions: sessions.withLock { $0 })
    }

    // MARK: The end

    /// Ends the server: no new clients and calls, a little time for those that run.
    private func stop() {
        let isFirst = isEnding.withLock { isEnding in
            defer { isEnding = true }
            return !isEnding
        }
        guard isFirst, let dispatcher = dispatcher.withLock({ $0 }) else { return }
        // At once, so that the next server of this identity can take the place.
        listener.unlink()
        if dispatcher.stop(), let mainThread = mainThread.withLock({ $0 })?.thread {
            process.interruptMainThread(mainThread)
        }
        let gracePeriod = configuration.gracePeriod
        do throws(SystemError) {
            try NativeThread.start { [self] in
                if hasFinished.wait(milliseconds: gracePeriod, for: { $0 ? () : nil }) != nil {
                    return
                }
                finish()
                process.exit()
            }
        } catch {
            // Without a thread there is no grace period.
            finish()
            process.exit()
        }
    }
}
