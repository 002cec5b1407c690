#if canImport(Darwin)
    import Darwin
    import SystemPackage

    /// Sees what happens to files and folders, with kqueue (see the manual page kqueue(2)).
    ///
    /// A folder tells that names in it have changed, but not which; a file that it has been written to. Each
    /// costs a descriptor.
    package final class DirectoryWatcher: Sendable {
        private struct Watch {
            let path: String
            let number: Int32
            let countsAllFiles: Bool
        }

        private let queue: Descriptor
        private let watches = ConditionMutex<[String: Watch]>([:])

        package init() throws(SystemError) {
            let number = kqueue()
            guard number >= 0 else { throw SystemError("watching files") }
            queue = Descriptor(owning: number)
        }

        deinit { for watch in watches.withLock({ $0 }).values { close(watch.number) } }

        /// For `poll`: readable when something has happened.
        package var number: Int32 { queue.number }

        /// Watches a file or folder from now on. On any thread.
        package func watch(_ path: String, countsAllFiles: Bool) throws(SystemError) {
            let number = open(path, O_EVTONLY | O_CLOEXEC)
            guard number >= 0 else {
                if Errno.last == .noSuchFileOrDirectory { return }
                throw SystemError("watching \(path)")
            }
            var event = kevent(
                ident: UInt(number), filter: Int16(EVFILT_VNODE),
                flags: UInt16(EV_ADD | EV_CLEAR),
                fflags: UInt32(NOTE_WRITE | NOTE_DELETE | NOTE_RENAME | NOTE_EXTEND), data: 0,
                udata: nil)
            guard kevent(queue.number, &event, 1, nil, 0, nil) == 0 else {
                close(number)
                throw SystemError("watching \(path)")
            }
            let previous = watches.withLock { watches in
                defer {
                    watches[path] = Watch(
                        path: path, number: number, countsAllFiles: countsAllFiles)
                }
                return watches[path]
            }
            if let previous { close(previous.number) }
        }

        /// Whether there may be changes.
        package var hasChanges: Bool {
            var polled = pollfd(fd: queue.number, events: Int16(POLLIN), revents: 0)
            return poll(&polled, 1, 0) == 1
        }

        /// The files and folders that have changed since the last call, without waiting.
        ///
        /// - Returns: and whether someone is still writing to one of them, which the system does not tell.
        package func changes() -> (paths: Set<String>, isIncomplete: Bool) {
            var changes: Set<String> = []
            var events = [kevent](repeating: kevent(), count: 64)
            var noTime = timespec()
            while true {
                let count = kevent(queue.number, nil, 0, &events, Int32(events.count), &noTime)
                guard count > 0 else { return (changes, false) }
                let numbers = Set(events.prefix(Int(count)).map { Int32($0.ident) })
                for watch in watches.withLock({ $0 }).values where numbers.contains(watch.number) {
                    changes.insert(watch.path)
                }
            }
        }
    }
#endif
