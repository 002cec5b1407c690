import Foundation

/// Questions to the file system.
enum FileSystem {
    static func exists(_ path: String) -> Bool { FileManager.default.fileExists(atPath: path) }

    static func isFolder(_ path: String) -> Bool {
        var isFolder: ObjCBool = false
        return FileManager.default.fileExists(atPath: path, isDirectory: &isFolder)
            && isFolder.boolValue
    }

    /// Whether the permissions of a folder or file on the way keep this user from looking.
    static func isForbidden(_ path: String) -> Bool {
        access(path, F_OK) != 0 && errno == EACCES
    }

    static func isExecutableFile(_ path: String) -> Bool {
        !isFolder(path) && FileManager.default.isExecutableFile(atPath: path)
    }

    /// Whether there is a symbolic link here, even one that leads nowhere.
    static func linkDestination(_ path: String) -> String? {
        try? FileManager.default.destinationOfSymbolicLink(atPath: path)
    }

    /// The path with all symbolic links followed; the path itself if that fails.
    static func realPath(_ path: String) -> String {
        URL(fileURLWithPath: path).resolvingSymlinksInPath().path
    }

    /// Size and time of the last change, for telling versions of a file apart.
    static func stamp(_ path: String) -> String? {
        guard
            let attributes = try? FileManager.default.attributesOfItem(
                atPath: realPath(path)),
            let size = attributes[.size] as? NSNumber,
            let date = attributes[.modificationDate] as? Date
        else { return nil }
        return "\(size)-\(date.timeIntervalSince1970)"
    }

    /// Whether the file is a program of the machine, not a script.
    static func isBinary(_ path: String) -> Bool {
        guard let file = FileHandle(forReadingAtPath: path) else { return false }
        defer { try? file.close() }
        guard let start = try? file.read(upToCount: 2) else { return false }
        return start != Data("#!".utf8)
    }
}
