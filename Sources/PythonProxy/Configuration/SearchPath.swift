import Foundation

/// Folders to put on Python's `sys.path`: a path, a file URL, or an array of paths.
public protocol SearchPath: Sendable {
    /// The paths of the folders, in the order in which Python looks into them.
    var searchPath: [String] { get }
}

extension String: SearchPath {
    public var searchPath: [String] { [self] }
}

extension URL: SearchPath {
    public var searchPath: [String] { [path] }
}

extension Array: SearchPath where Element == String {
    public var searchPath: [String] { self }
}
