#if os(Linux)
    import CPlatform
    import SystemPackage

    #if canImport(Glibc)
        import Glibc
    #else
        import Musl
    #endif

    /// Sees what happens to the files of certain folders, with inotify (see the manual page inotify(7)).
    ///
    /// A change is complete when a file that was written to is closed, or when its new name stands. Closing may
    /// come late: a process that is being started has a copy of the descriptor for a moment. Reading, touching
    /// and opening do not count.
    package final class DirectoryWatcher: Sendable {
        private struct Folder {
            /// One folder may be watched under several names.
            var paths: Set<String>
            /// Whether files of all kinds count there, not only Python's.
            var countsAllFiles: Bool
            /// Files that have been written to, and not been closed since.
            var open: Set<String> = []
        }

        private let descriptor: Descriptor
        private let folders = ConditionMutex<[Int32: Folder]>([:])

        package init() throws(SystemError) {
            let number = inotify_init1(Int32(IN_NONBLOCK) | Int32(IN_CLOEXEC))
            guard number >= 0 else { throw SystemError("watching files") }
            descriptor = Descriptor(owning: number)
            cplatform_close_in_forked_children(number, true)
        }

        deinit { cplatform_close_in_forked_children(descriptor.number, false) }

        /// For `poll`: readable when something has happened.
        package var number: Int32 { descriptor.number }

        /// Watches a folder from now on. What is no folder is not watched: its changes are seen in the folder
        /// that it lies in. On any thread.
        ///
        /// - Parameter countsAllFiles: whether files of all kinds count there, not only Python's.
        package func watch(_ path: String, countsAllFiles: Bool) throws(SystemError) {
            let mask =
                UInt32(IN_MODIFY) | UInt32(IN_CLOSE_WRITE) | UInt32(IN_MOVED_TO)
                | UInt32(IN_MOVED_FROM)
                | UInt32(IN_CREATE) | UInt32(IN_DELETE) | UInt32(IN_DELETE_SELF)
                | UInt32(IN_MOVE_SELF) | UInt32(IN_ONLYDIR)
            let status = folders.withLock { folders in
                let watch = inotify_add_watch(descriptor.number, path, mask)
                guard watch >= 0 else { return watch }
                folders[watch, default: Folder(paths: [], countsAllFiles: false)].paths.insert(path)
                if countsAllFiles { folders[watch]?.countsAllFiles = true }
                return 0
            }
            guard status != 0 else { return }
            switch Errno.last {
            case .notDirectory, .noSuchFileOrDirectory: break
            case let errno: throw SystemError("watching \(path)", errno: errno)
            }
        }

        /// Whether there may be changes: one short system call.
        package var hasChanges: Bool { cplatform_readable_bytes(descriptor.number) > 0 }

        /// The files and folders that have changed since the last call, without waiting. The empty path
        /// stands for all: the system has lost count.
        ///
        /// - Returns: and whether someone is still writing to one of them.
        package func changes() -> (paths: Set<String>, isIncomplete: Bool) {
            var changes: Set<String> = []
            withUnsafeTemporaryAllocation(byteCount: 64 << 10, alignment: 8) { buffer in
                while true {
                    let count = read(descriptor.number, buffer.baseAddress, buffer.count)
                    guard count > 0 else { return }
                    // SAFETY: the kernel has filled the first `count` bytes with whole events.
                    add(
                        UnsafeRawBufferPointer(
                            start: UnsafeRawPointer(buffer.baseAddress), count: count), to: &changes
                    )
                }
            }
            return (changes, folders.withLock { $0.values.contains { !$0.open.isEmpty } })
        }

        /// Each event: the number of the watch, a mask, a cookie, a length, and so many bytes with a name that
        /// ends with zeros.
        private func add(_ events: UnsafeRawBufferPointer, to changes: inout Set<String>) {
            var offset = 0
            while offset + 16 <= events.count {
                let watch = events.loadUnaligned(fromByteOffset: offset, as: Int32.self)
                let mask = events.loadUnaligned(fromByteOffset: offset + 4, as: UInt32.self)
                let length = Int(
                    events.loadUnaligned(fromByteOffset: offset + 12, as: UInt32.self))
                let end = min(offset + 16 + length, events.count)
                let name = String(
                    decoding: events[(offset + 16)..<end].prefix { $0 != 0 }, as: UTF8.self)
                offset = end
                if mask & UInt32(IN_Q_OVERFLOW) != 0 {
                    changes.insert("")
                    // That a file was closed may be among what was lost.
                    folders.withLock { folders in
                        for watch in folders.keys { folders[watch]?.open = [] }
                    }
                }
                folders.withLock { folders in
                    if mask & UInt32(IN_IGNORED) != 0 {
                        folders[watch] = nil
                    } else if let folder = folders[watch], counts(name, mask, in: folder) {
                        if mask & UInt32(IN_MODIFY) != 0 {
                            folders[watch]?.open.insert(name)
                        } else {
                            folders[watch]?.open.remove(name)
                        }
                        for path in folder.paths {
                            changes.insert(name.isEmpty ? path : path + "/" + name)
                        }
                    }
                }
            }
        }

        private func counts(_ name: String, _ mask: UInt32, in folder: Folder) -> Bool {
            // The folder itself is gone or has another name.
            if name.isEmpty { return true }
            if mask & UInt32(IN_ISDIR) != 0 { return name != "__pycache__" && !name.hasPrefix(".") }
            // What has no suffix may be a link to a package.
            return folder.countsAllFiles || name.hasSuffix(".py")
                || mask & UInt32(IN_CLOSE_WRITE | IN_MODIFY) == 0 && !name.contains(".")
        }
    }
#endif
