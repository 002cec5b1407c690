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
package final class Server: Sendable {
    let configuration: ServerConfiguration
    let interpreter: any Interpreter
    let dispatcher: Dispatcher
    let control: ControlThread
    let reporter: StatusReporter
    private let deadlines = Deadlines()
    let sessions = ConditionMutex<[Session]>([])
    let process: ProcessControl
    let ending = ConditionMutex(Ending.serving)
    let log: ServerLog
    private let watchesFiles: Bool
    /// On the clock of `AdaptiveSpin.now`, in nanoseconds.
    let start = AdaptiveSpin.now
    private let listener: Listener
    private let hasLeft = ConditionMutex(false)
    let receiver: Receiver
    let relay: OutputRelay
    private let output: ServerOutput
    private let sessionNumbers = ConditionMutex(SessionNumbers())
    let wantedReload = ConditionMutex(WantedReload())
    /// What the server has to do itself, with the next requests.
    private let ownWork = ConditionMutex<[Work]>([])
    /// What it does when there are none.
    private let idleWork = ConditionMutex(IdleWork())

    /// Listens and, if wanted, captures the output of this process.
    ///
    /// - Parameter watcher: of files that are reloaded when they change; nil if none are.
    package init(
        configuration: ServerConfiguration, interpreter: any Interpreter, log: ServerLog,
        output: ServerOutput, watcher: DirectoryWatcher? = nil,
        process: ProcessControl = .process
    ) throws(SystemError) {
        self.process = process
        self.configuration = configuration
        self.interpreter = interpreter
        self.log = log
        dispatcher = Dispatcher(maximumRunning: configuration.maximumConcurrentCalls)
        control = ControlThread(interpreter: interpreter)
        let reporting = ConditionMutex(WeakServer())
        reporter = StatusReporter { requests in
            reporting.withLock { $0.server }?.answer(requests)
        }
        relay = OutputRelay(log: log, early: output.early)
        self.output = output
        listener = try Listener(at: configuration.address)
        receiver = try Receiver(
            listener: listener,
            lifetime: Lifetime(
                idleMilliseconds: configuration.idleMilliseconds,
                firstClientMilliseconds: configuration.firstClientMilliseconds,
                now: AdaptiveSpin.now),
            watcher: watcher)
        watchesFiles = watcher != nil
        reporting.withLock { $0.server = self }
        output.connect(
            .init(
                runningCall: { [weak self] in self?.dispatcher.onlyRunning?.key },
                waitForRoom: { [weak self] in self?.waitForRoom(for: $0) },
                deliver: { [weak self] in self?.relay($0) }))
    }

    private struct WeakServer { weak var server: Server? }

    /// Serves on the current thread, the main one, until the server is to end.
    ///
    /// - Parameter onReady: called once clients can connect.
    package func run(
        mainThread: any InterpreterThread, onReady: () -> Void
    ) throws(SystemError) {
        cplatform_notify_on_signal(SIGTERM, receiver.signalDescriptor)
        note("serving \(configuration.identity.interpreter) at \(configuration.address)")
        for number in configuration.connections { welcome(Descriptor(owning: number)) }
        onReady()
        try dispatcher.run(
            on: mainThread,
            actions: .init(
                attach: { [interpreter] in interpreter.attachCurrentThread() },
                receive: { [self] waits in receive(waits: waits) },
                wakeReader: { [receiver] in receiver.wakeUp() },
                drained: { [self] in stop("all calls have been answered") }))
        mainThread.leaveAllContexts(milliseconds: Self.lastCallMilliseconds)
    }

    // MARK: Calls

    /// Sends the answer of a call that has been performed.
    func send(_ reply: FrameBuffer, answering call: ServedCall) {
        output.end(call.key)
        dispatcher.answers(call.number)
        finish(call, with: reply)
    }

    /// Answers calls that are not performed.
    func reject(_ calls: [Work], _ rejection: Rejection) {
        for case let call as ServedCall in calls {
            finish(call, with: rejection.frame(callID: call.frame.callID))
        }
    }

    private func finish(_ call: ServedCall, with answer: FrameBuffer) {
        let session = call.session
        if watchesFiles { session.sequence.answers(at: AdaptiveSpin.now) }
        session.channel.send(answer)
        session.answered(byteCount: call.frame.byteCount)
        guard session.isBehind else { return }
        // Before the session says so: who reads may resume it at once.
        dispatcher.pause(session.id)
        if session.pause() { receiver.reviewSoon() }
    }

    /// Ends a call: it does not begin if it has not, and is interrupted if it has.
    private func cancel(
        _ key: CallKey, _ cancellation: Cancellation, _ arrived: inout [Work]
    ) {
        if let work = arrived.firstIndex(where: { $0.key == key }).map({ arrived.remove(at: $0) })
            ?? dispatcher.withdraw(key)
        {
            return reject([work], .cancelledEarly)
        }
        // One that a thread has been given and not begun will not begin; that thread rejects it.
        guard let work = dispatcher.running.first(where: { $0.key == key }), !work.cancelEarly()
        else { return }
        note("client \(key.session) cancels call \(key.call), \(work.target)")
        control.interrupt(work)
        guard let milliseconds = cancellation.killMilliseconds else { return }
        deadlines.after(milliseconds: Int(clamping: milliseconds)) { [self] in
            kill(unlessEnded: work, milliseconds: milliseconds)
        }
    }

    /// Kills this process if a call has not ended in time, as its client has asked.
    private func kill(unlessEnded work: Work, milliseconds: UInt64) {
        if work.hasEnded { return }
        note(
            "call \(work.key.call) of client \(work.key.session) has not ended within \(milliseconds) ms "
                + "of its cancellation: the server is killed, as the client asked")
        log.write(text: "[server] killed by signal \(SIGKILL)\n")
        process.kill()
    }

    // MARK: Clients

    /// Waits for requests and answers what needs no Python. For the holder of the reading role.
    ///
    /// - Parameter waits: false to take only what has come.
    private func receive(waits: Bool) -> Dispatcher.Received {
        var received = Dispatcher.Received()
        let (hasIdleWork, isIdle) = idleWork.withLock { (!$0.isEmpty, $0.isIdle) }
        var hasHappened = false
        receiver.receive(
            waits: waits && !(hasIdleWork && isIdle), longestWait: hasIdleWork ? 1 : nil
        ) { (event) in
            hasHappened = true
            switch consume event {
            case .frame(let frame, let session):
                if frame.kind == .cancel { received.hasCancelled = true }
                handle(frame, of: session, &received.work, hasIdleWork: hasIdleWork)
            case .resumed(let session):
                if session.resume() { received.resumed.append(session.id) }
            case .connected(let descriptor): welcome(descriptor)
            case .violated(let session, let error):
                session.end(
                    Closing(.protocolViolation, "what was sent is not the protocol: \(error)"),
                    as: session.isOpen ? .goodbye : .refusal)
                remove(session)
            case .overdue(let session):
                session.end(
                    Closing(.protocolViolation, "no hello came in time"), as: .refusal)
                remove(session)
            case .outOfDescriptors(let session):
                session.end(
                    Closing(
                        .outOfResources,
                        "the server has as many open files as it may, and cannot take shared memory; "
                            + "close what it holds, or raise its limit of open files"))
                remove(session)
            case .disconnected(let session):
                session.channel.close()
                remove(session)
            case .unused: stop("nobody needs it")
            // After the requests that have come with it: they are seen through.
            case .signalled: if signalled() { received.isDraining = true }
            case .filesChange: filesChange()
            case .filesChanged(let paths): filesChanged(paths)
            }
        }
        received.work += ownWork.withLock { work in
            defer { work = [] }
            return work
        }
        if hasIdleWork {
            // A glance in between says nothing.
            let isIdle = waits && received.work.isEmpty ? !hasHappened : nil
            if let work = idleWork.withLock({ $0.next(isIdle: isIdle) }) {
                received.work.append(work)
            }
        }
        return received
    }

    private func handle(
        _ frame: InboundFrame, of session: Session, _ calls: inout [Work], hasIdleWork: Bool
    ) {
        switch session.event(for: frame) {
        case .call(let sending):
            let call = ServedCall(frame, of: session, sending: sending, server: self)
            session.called(byteCount: frame.byteCount)
            if isEnding { return reject([call], .ending) }
            if hasIdleWork,
                let drops = idleWork.withLock({ $0.nextBeforeCall(of: session.id) })
            {
                calls.append(drops)
            }
            calls.append(call)
        case .welcome(let welcome, let sending):
            open(session, welcome, sending)
        case .end(let closing, let kind):
            session.end(closing, as: kind)
            remove(session)
        case .cancel(let callID, let cancellation):
            cancel(CallKey(session: session.id, call: callID), cancellation, &calls)
        case .pong(let callID):
            session.channel.send(FrameBuffer().seal(kind: .pong, callID: callID))
        case .stopServer:
            // Those that the dispatcher has are rejected by the stop.
            reject(calls, .ending)
            calls = []
            stop("client \(session.id) has asked for it")
        case .report(let callID):
            report(to: session, callID: callID)
        case .interrupt(let callID, let interruption):
            interrupt(interruption, for: session, callID: callID)
        case .observe:
            session.isObserver = true
        case .reload(let callID, let request):
            reload(request, for: session, callID: callID)
        case .drop(let drops):
            calls.append(
                DropTurn(drops, of: session, byteCount: frame.byteCount, server: self))
        case .ignore:
            break
        }
    }

    private func welcome(_ descriptor: consuming Descriptor) {
        let taken = receiver.sessionIDs
        let id = sessionNumbers.withLock { $0.next(except: taken) }
        let welcome = Welcome(
            processIdentifier: getpid(), pythonVersion: interpreter.version,
            limits: configuration.limits, proof: configuration.token?.proof ?? "")
        receiver.add(
            Session(
                id: id, channel: Channel(descriptor, payloadLimit: Limits.handshakeLength),
                handshake: Handshake(
                    identity: configuration.identity, welcome: welcome,
                    token: configuration.token),
                limits: configuration.limits))
    }

    private func open(_ session: Session, _ welcome: Welcome, _ sending: Limits) {
        if isEnding {
            session.end(Closing(.shutdown, "the server is ending"), as: .refusal)
            return remove(session)
        }
        // Python functions write into their arguments: the client's memory stays as it is.
        session.channel.open(
            accepting: configuration.limits, sending: sending, isolatesWrites: true)
        session.channel.send(welcome.frame())
        relay.greet(session)
        sessions.withLock { $0.append(session) }
        receiver.hasOpened(session)
        note("client \(session.id) has connected: \(session.clientName)")
    }

    private func remove(_ session: Session) {
        receiver.remove(session)
        let wasOpen = sessions.withLock { sessions in
            let count = sessions.count
            sessions.removeAll { $0 === session }
            return sessions.count < count
        }
        guard wasOpen else { return }
        relay.forget(session)
        // Before what is done for it: calls that end after that let it be done again.
        session.clientGoes()
        interpreter.forget(session.id)
        cleanUp(after: session)
        note("client \(session.id) has left")
        // Nobody waits for the answers any more.
        dispatcher.forget(session.id)
        for work in dispatcher.running
        where work.sessionID == session.id && !work.cancelEarly() {
            control.interrupt(work)
        }
    }

    /// Leaves and drops what a client has left behind. On any thread.
    func cleanUp(after session: Session) {
        ownWork.withLock { $0.append(DropTurn(allOf: session, server: self)) }
        receiver.wakeUp()
    }

    /// Drops objects when no client wants anything. On any thread.
    func doWhenIdle(_ work: DropTurn) {
        idleWork.withLock { $0.append(work) }
        receiver.wakeUp()
    }

    // MARK: The end

    private var isEnding: Bool { ending.withLock { $0 != .serving } }

    /// Whether no more calls begin, also none that have come.
    var isStopping: Bool { ending.withLock { $0 == .stopping || $0 == .finished } }

    /// SIGTERM: the first lets running calls end, the second does not wait for them.
    ///
    /// - Returns: whether it is the first.
    private func signalled() -> Bool {
        let isFirst = ending.withLock { ending in
            guard ending == .serving else { return false }
            ending = .draining
            return true
        }
        guard isFirst else {
            endAtOnce()
            return false
        }
        note("SIGTERM: no new calls; the server ends when those that it has are answered")
        leavePlace()
        return true
    }

    /// Lets the next server of this identity take the place, at once and once: what is there later is that
    /// one's. The socket goes last, because nobody takes the place before.
    private func leavePlace() {
        let isFirst = hasLeft.withLock { hasLeft in
            defer { hasLeft = true }
            return !hasLeft
        }
        guard isFirst else { return }
        for file in configuration.files { unlink(file) }
        listener.close()
    }

    /// Ends the server: no new clients and calls; those that run are interrupted and have a little time.
    private func stop(_ reason: String) {
        let isFirst = ending.withLock { ending in
            defer { ending = .stopping }
            return ending == .serving || ending == .draining
        }
        guard isFirst else { return }
        note("the server ends: \(reason)")
        leavePlace()
        reject(dispatcher.withdraw { _ in true }, .ending)
        dispatcher.stop()
        for work in dispatcher.running { control.interrupt(work) }
        deadlines.after(milliseconds: configuration.gracePeriod) { [self] in
            if ending.withLock({ $0 != .finished }) { endAtOnce() }
        }
    }

    private func endAtOnce() {
        note("the server ends without waiting for what it is running")
        finish()
        process.exit()
    }

    /// How long calls on other threads, which are being interrupted, may hold up leaving what their clients have entered.
    private static let lastCallMilliseconds = 1000
    /// How long those who do not read may hold up the end, all together.
    private static let goodbyeMilliseconds = 1000

    /// Says goodbye to the clients. The last thing before the process ends.
    package func finish() {
        output.finish()
        let open = sessions.withLock { $0 }
        for session in open { session.end(Closing(.shutdown, "the server has ended")) }
        let deadline = AdaptiveSpin.now + UInt64(Self.goodbyeMilliseconds) * 1_000_000
        for session in open {
            let now = AdaptiveSpin.now
            session.channel.waitUntilSent(
                milliseconds: now < deadline ? Int((deadline - now) / 1_000_000) : 0)
        }
        process.endChildren()
        ending.signal { $0 = .finished }
    }
}

/// How far a server's end has come.
enum Ending {
    /// Becomes `draining` or `stopping`.
    case serving
    /// Calls that have come are seen through. Becomes `stopping`.
    case draining
    /// Calls that run are interrupted. Becomes `finished`.
    case stopping
    case finished
}

extension Rejection {
    static let cancelledEarly = Rejection(
        .cancelled, "the call was cancelled before it began")
    fileprivate static let ending = Rejection(
        .shutdown, "the server is ending and takes no more calls")
}
