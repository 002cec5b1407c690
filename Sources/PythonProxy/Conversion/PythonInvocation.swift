import ProxyWire

/// A call within an expression: it is made on the server, as part of the call that the expression is passed to.
final class PythonInvocation: Sendable {
    /// Those without a name are positional.
    typealias Argument = (name: String, value: any Encodable & Sendable)

    let function: any Encodable & Sendable
    let arguments: [Argument]

    init(_ function: any Encodable & Sendable, _ arguments: [Argument]) {
        self.function = function
        self.arguments = arguments
    }

    /// The function and its arguments.
    var values: [any Encodable & Sendable] { [function] + arguments.map(\.value) }

    func encode(into writer: inout PythonWriter) throws {
        try writer.nested(levels: 3) { writer in
            writer.cbor.tag(CBORTag.invocation)
            writer.cbor.array(count: 3)
            if let owner = function as? any TargetOwner {
                try owner.target.encode(into: &writer)
            } else {
                try writer.encode(function)
            }
            try writer.encode(arguments: arguments)
        }
    }
}

extension PythonInvocation: CustomStringConvertible {
    /// As Python would write it: "(a / b).alias('c')".
    var description: String {
        let texts = arguments.map { name, value in
            (name.isEmpty ? "" : name + "=") + CallTarget.text(of: value)
        }
        return CallTarget.text(of: function) + "(" + texts.joined(separator: ", ") + ")"
    }
}

extension PythonWriter {
    /// Writes the arguments of a call: an array of positional ones, and a map of those with a name.
    mutating func encode(arguments: [PythonInvocation.Argument]) throws {
        let keywordCount = arguments.count { !$0.name.isEmpty }
        cbor.array(count: arguments.count - keywordCount)
        var number = 0
        for (name, value) in arguments where name.isEmpty {
            number += 1
            try encode(value, inside: .root("argument \(number)"))
        }
        cbor.map(count: keywordCount)
        for (name, value) in arguments where !name.isEmpty {
            cbor.text(name)
            try encode(value, inside: .root("argument '\(name)'"))
        }
    }
}
