import CPythonABI
import ProxyWire

/// Context managers that are entered and left by calls of their own.
extension CallPerformer {
    /// Enters one in the context of the current call.
    func enterContext(
        _ object: borrowing OwnedReference, _ known: ArgumentObjects
    ) throws(ConversionFailure) -> OwnedReference {
        let manager = try ContextManager(object, known)
        let value = try manager.enter()
        if let context = ScriptFrame.currentContext {
            contexts.opened(manager.takeExit(), in: context)
        }
        return value
    }

    /// Leaves that of the current call's context, if it has been entered.
    ///
    /// - Parameter borrowedThrown: what the client has thrown; None for nothing.
    /// - Returns: whether `__exit__` says that it has been dealt with; nil if nothing has been entered.
    func leaveContext(
        because borrowedThrown: PythonReference, _ known: ArgumentObjects
    ) throws(ConversionFailure) -> Bool? {
        guard let context = ScriptFrame.currentContext, contexts.isOpen(context) else { return nil }
        return try known.thread.uninterrupted(checkpoint: raisePending) {
            () throws(ConversionFailure) in
            guard borrowedThrown != py._Py_NoneStruct else {
                if let exit = contexts.takeExit(of: context) { try exit.leave() }
                return false
            }
            // First: it runs code of classes.
            let exception = try call(makeException, borrowedThrown)
            guard let exit = contexts.takeExit(of: context) else { return nil }
            return try exit.leave(exception.pointer)
        }
    }

    /// A call has ended, and nothing of it can raise an exception any more.
    func ended(_ call: any CallIO, in context: CallContext, on thread: PythonThreadState) {
        let key = context.key
        // The call may have failed before that.
        if context.isLeft { leave(key, because: "the call of __exit__ has failed", on: thread) }
        switch call.endOfSession {
        // What has been entered is left by work of its own.
        case .clientLeft?: contexts.forget(key.session)
        case .serverEnds?: leaveContexts(of: key.session, because: .serverEnds, on: thread)
        case nil: break
        }
    }

    /// Leaves those of a session for which no more calls come, those entered last first. The ones in which calls still
    /// run are left when these end.
    ///
    /// - Parameter isLast: the process ends, and with it what runs.
    func leaveContexts(
        of session: UInt64, because end: SessionEnd, isLast: Bool = false,
        on thread: PythonThreadState
    ) {
        while let context = contexts.lastOpened(by: session, isLast: isLast) {
            leave(context, because: end.rawValue, on: thread)
        }
    }

    /// Leaves that of a context, if that has not been done, and gives the context up.
    func leave(
        _ context: SessionContexts.Key, because text: String, on thread: PythonThreadState
    ) {
        // An interruption may come before anything is done, but only once.
        for _ in 0..<2 where contexts.isOpen(context) {
            do throws(ConversionFailure) {
                let place = try contexts.enter(context)
                defer { contexts.leave(place) }
                var step = step(.leave(context, text: text), on: thread)
                step.place = place
                guard frame.take(&step, in: place.run) else { throw .raised }
            } catch {
                py.PyErr_Clear()
            }
        }
        contexts.remove(context)
    }

    /// Calls the `__exit__` of a context in it. What that raises is shown, because nobody waits for it.
    func exit(from context: SessionContexts.Key, because text: String) {
        do throws(ConversionFailure) {
            let message = try newString(text)
            let exception = try call(makeException, message.pointer)
            guard let exit = contexts.takeExit(of: context) else { return }
            do throws(ConversionFailure) { _ = try exit.leave(exception.pointer) } catch {
                endForkedChild()
                if case .raised = error { exit.showException() }
            }
            endForkedChild()
        } catch {
            py.PyErr_Clear()
        }
    }
}
