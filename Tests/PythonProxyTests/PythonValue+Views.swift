import Foundation

@testable import PythonProxy

extension PythonValue {
    /// A value made in Swift.
    static func of(_ view: some TaggedValue) -> PythonValue { .tagged(view.erased) }
}
