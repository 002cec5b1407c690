#if os(Linux)
    import Foundation
    import ProxyTransport
    import Testing

    struct DirectoryWatcherTests {
        /// Calls `body` with a folder that is watched, and one beside it.
        private func withFolder(
            countsAllFiles: Bool = false, _ body: (DirectoryWatcher, String, String) throws -> Void
        ) throws {
            let root = "/tmp/pyproxy-test-\(UUID().uuidString.prefix(8))"
            let (folder, other) = (root + "/watched", root + "/other")
            for path in [folder, other] {
                try FileManager.default.createDirectory(
                    atPath: path, withIntermediateDirectories: true)
            }
            defer { try? FileManager.default.removeItem(atPath: root) }
            try write(folder + "/m.py")
            let watcher = try DirectoryWatcher()
            try watcher.watch(folder, countsAllFiles: countsAllFiles)
            try body(watcher, folder, other)
        }

        private func write(_ path: String) throws {
            try "x".write(toFile: path, atomically: false, encoding: .utf8)
        }

        @Test func everyWayToSaveAFileIsAChange() throws {
            try withFolder { watcher, folder, other in
                try write(folder + "/m.py")
                #expect(watcher.changes().paths == [folder + "/m.py"])
                try write(other + "/n.py")
                #expect(watcher.changes().paths == [])
                #expect(rename(other + "/n.py", folder + "/m.py") == 0)
                #expect(watcher.changes().paths == [folder + "/m.py"])
                #expect(rename(folder + "/m.py", folder + "/new.py") == 0)
                #expect(watcher.changes().paths == [folder + "/m.py", folder + "/new.py"])
                #expect(unlink(folder + "/new.py") == 0)
                #expect(watcher.changes().paths == [folder + "/new.py"])
                #expect(!watcher.hasChanges)
            }
        }

        @Test func whatIsNoChangeOfSourceDoesNotCount() throws {
            try withFolder { watcher, folder, other in
                #expect(utimes(folder + "/m.py", nil) == 0)
                _ = try String(contentsOfFile: folder + "/m.py", encoding: .utf8)
                try write(folder + "/notes.txt")
                try write(folder + "/Makefile")
                for name in ["__pycache__", ".git"] {
                    #expect(mkdir(folder + "/" + name, 0o700) == 0)
                    try write(folder + "/\(name)/m.py")
                }
                let paths = watcher.changes().paths
                #expect(paths.isSubset(of: [folder + "/Makefile"]), "\(paths)")
            }
        }

        @Test func filesOfAllKindsCountIfThatIsWanted() throws {
            try withFolder(countsAllFiles: true) { watcher, folder, _ in
                try write(folder + "/table.json")
                #expect(watcher.changes().paths == [folder + "/table.json"])
            }
        }

        @Test func aFileThatIsStillOpenIsSaidToBeIncomplete() throws {
            try withFolder { watcher, folder, _ in
                let file = try #require(FileHandle(forWritingAtPath: folder + "/m.py"))
                try file.write(contentsOf: Data("y".utf8))
                let first = watcher.changes()
                #expect(first.paths == [folder + "/m.py"])
                #expect(first.isIncomplete)
                try file.close()
                #expect(!watcher.changes().isIncomplete)
            }
        }

        @Test func aFolderHasAllTheNamesUnderWhichItIsWatched() throws {
            try withFolder { watcher, folder, other in
                #expect(symlink(folder, other + "/link") == 0)
                try watcher.watch(other + "/link", countsAllFiles: false)
                try write(folder + "/m.py")
                #expect(watcher.changes().paths == [folder + "/m.py", other + "/link/m.py"])
            }
        }

        @Test func whatIsMissingOrNoFolderIsNotWatched() throws {
            try withFolder { watcher, folder, _ in
                try watcher.watch(folder + "/missing", countsAllFiles: false)
                try watcher.watch(folder + "/m.py", countsAllFiles: false)
                try write(folder + "/m.py")
                #expect(watcher.changes().paths == [folder + "/m.py"])
            }
        }
    }
#endif
