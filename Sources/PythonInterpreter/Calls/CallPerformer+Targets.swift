import CPythonABI
import ProxyWire

/// What a call is of, and what is done with it.
extension CallPerformer {
    /// What a call is of: a name, or what a path or an operation leads to.
    enum CallTarget: ~Copyable {
        case name(String)
        case path(ObjectDecoder.PathEnd)
    }

    func readTarget(
        _ reader: inout CBORReader, _ decoder: inout ObjectDecoder
    ) throws(ConversionFailure) -> CallTarget {
        let head = try wire { () throws(WireError) in try reader.peek() }
        if head.major == .text {
            return .name(try wire { () throws(WireError) in try reader.text() })
        }
        if head.major == .tag, head.argument == CBORTag.reference {
            _ = try wire { () throws(WireError) in try reader.head() }
            return .path(try decoder.readPath(&reader))
        }
        let object = try decoder.decode(&reader)
        return .path(.init(parent: object, key: nil, isItem: false))
    }

    func perform(
        _ operation: CallOperation, _ target: borrowing CallTarget,
        _ arguments: borrowing ArgumentVector, _ known: ArgumentObjects
    ) throws(ConversionFailure) -> OwnedReference {
        switch target {
        case .name(let text): try perform(operation, text, arguments, known)
        case .path(let end): try perform(operation, at: end, arguments, known)
        }
    }

    private func perform(
        _ operation: CallOperation, at end: borrowing ObjectDecoder.PathEnd,
        _ arguments: borrowing ArgumentVector, _ known: ArgumentObjects
    ) throws(ConversionFailure) -> OwnedReference {
        switch operation {
        case .call:
            let function = try known.value(of: end)
            try known.checkCall(of: function.pointer)
            return try arguments.apply(to: function.pointer)
        case .get: return try known.value(of: end)
        case .set:
            try known.assign(try arguments.assignedValue(), to: end)
            return OwnedReference(borrowing: py._Py_NoneStruct)
        case .delete:
            try known.assign(nil, to: end)
            return OwnedReference(borrowing: py._Py_NoneStruct)
        case .enter: return try enterContext(try known.value(of: end), known)
        case .open, .service, .script, .callFound, .leave:
            throw .malformed(.malformed("only calls and attributes have a path", offset: 0))
        }
    }

    private func perform(
        _ operation: CallOperation, _ text: String, _ arguments: borrowing ArgumentVector,
        _ known: ArgumentObjects
    ) throws(ConversionFailure) -> OwnedReference {
        switch operation {
        case .open:
            let name = try newString(text)
            return try PythonInterpreter.perform(steps: try call(openPackage, name.pointer))
        case .call:
            let function = try targets.target(text).value()
            return try arguments.apply(to: function.pointer)
        case .get:
            return try targets.target(text).value()
        case .service:
            let name = try newString(text)
            guard let function = py.PyDict_GetItemWithError(services, name.pointer) else {
                throw .malformed(.malformed("the server has no service \(text)", offset: 0))
            }
            return try arguments.apply(to: function)
        case .leave:
            switch try leaveContext(because: try arguments.assignedValue(), known) {
            case true?: return OwnedReference(borrowing: py._Py_TrueStruct)
            case false?: return OwnedReference(borrowing: py._Py_FalseStruct)
            case nil: return OwnedReference(borrowing: py._Py_NoneStruct)
            }
        case .enter:
            throw .malformed(.malformed("only objects are entered", offset: 0))
        case .script, .callFound:
            throw .malformed(.malformed("that is done in a script", offset: 0))
        case .set:
            try targets.target(text, isAssigned: true).assign(try arguments.assignedValue())
            return OwnedReference(borrowing: py._Py_NoneStruct)
        case .delete:
            try targets.target(text, isAssigned: true).assign(nil)
            return OwnedReference(borrowing: py._Py_NoneStruct)
        }
    }
}
