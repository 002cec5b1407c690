import ProxyWire

/// What a call, or an argument, is about: a name, an object that stays on the server, or what is found from these.
struct CallTarget: Sendable {
    enum Root: Sendable {
        /// "package:path".
        case name(String)
        case object(ObjectReference)
        case operation(PythonOperator, [any Encodable & Sendable])
        /// What a function returns.
        case invocation(PythonInvocation)
        case value(any Encodable & Sendable)
        /// In a script.
        case script(ScriptRecorder, ScriptRecorder.Operand)
        /// Says why it has no meaning.
        case unusable(String)
    }

    enum Step: Sendable {
        case attribute(String)
        /// The keys of an item, one for each dimension.
        case item([PythonArgument])
    }

    var root: Root
    var steps: [Step] = []

    static func unusable(_ reason: String) -> CallTarget { CallTarget(root: .unusable(reason)) }

    /// The script that it belongs to.
    var script: (recorder: ScriptRecorder, operand: ScriptRecorder.Operand)? {
        if case .script(let recorder, let operand) = root { (recorder, operand) } else { nil }
    }

    static func name(_ text: String) -> CallTarget { CallTarget(root: .name(text)) }

    /// What is found one step further.
    func appending(_ step: Step) -> CallTarget {
        var target = self
        // Names are one text for as long as there are only attributes, which the server remembers.
        if case .name(let text) = root, steps.isEmpty, case .attribute(let name) = step {
            target.root = .name(
                text.hasSuffix(":") || text.isEmpty ? text + name : text + "." + name)
        } else {
            target.steps.append(step)
        }
        return target
    }

    /// An object that it is about, if there is one.
    var object: ObjectReference? {
        switch root {
        case .object(let reference): reference
        case .name, .script, .unusable: nil
        case .value(let value): (value as? any TargetOwner)?.target.object
        case .operation(_, let operands): Self.object(in: operands)
        case .invocation(let invocation): Self.object(in: invocation.values)
        }
    }

    private static func object(in values: [any Encodable & Sendable]) -> ObjectReference? {
        values.lazy.compactMap { ($0 as? any TargetOwner)?.target.object }.first
    }

    /// Writes it as the target of a call.
    func encode(into writer: inout PythonWriter) throws {
        if case .name(let text) = root, steps.isEmpty { return writer.cbor.text(text) }
        try encodeValue(into: &writer)
    }

    /// Writes it as a value.
    func encodeValue(into writer: inout PythonWriter) throws {
        if steps.isEmpty {
            if case .name = root {} else { return try encodeRoot(into: &writer) }
        }
        try writer.nested(levels: 2) { writer in
            writer.cbor.tag(CBORTag.reference)
            writer.cbor.array(count: steps.count + 1)
            try encodeRoot(into: &writer)
            for step in steps {
                switch step {
                case .attribute(let name): writer.cbor.text(name)
                case .item(let keys):
                    writer.cbor.array(count: keys.count)
                    for key in keys { try writer.encode(itemKey: key) }
                }
            }
        }
    }

    private func encodeRoot(into writer: inout PythonWriter) throws {
        switch root {
        case .name(let text): writer.cbor.text(text)
        case .object(let reference): try writer.encode(reference)
        case .operation(let operation, let operands):
            try Self.encode(operation, operands, into: &writer)
        case .invocation(let invocation): try invocation.encode(into: &writer)
        case .value(let value):
            // A text would be a name.
            if !steps.isEmpty { writer.cbor.tag(CBORTag.constant) }
            try writer.encode(value)
        case .script: throw ConversionError(ScriptRecorder.hasEnded)
        case .unusable(let reason): throw ConversionError(reason)
        }
    }

    private static func encode(
        _ operation: PythonOperator, _ operands: [any Encodable & Sendable],
        into writer: inout PythonWriter
    ) throws {
        if operation == .power, let base = operands[0] as? any TargetOwner,
            case .operation(.negative, _) = base.target.root
        {
            throw ConversionError(ConversionError.negatedPower)
        }
        try writer.nested(levels: 2) { writer in
            writer.cbor.tag(CBORTag.operation)
            writer.cbor.array(count: operands.count + 1)
            writer.cbor.unsigned(operation.rawValue)
            for operand in operands { try writer.encode(operand) }
        }
    }
}

/// A value that stands for something on a server.
protocol TargetOwner: Encodable {
    var target: CallTarget { get }
}

extension TargetOwner {
    /// For encoders of this package only: elsewhere it has no meaning.
    public func encode(to encoder: any Encoder) throws {
        throw EncodingError.invalidValue(
            self,
            .init(
                codingPath: encoder.codingPath,
                debugDescription: "\(target) is on a server; encode a copy of its value"))
    }
}

extension TargetOwner {
    /// As Python would write it: "frame['name'].mean"; the server is not asked.
    public func write<Target: TextOutputStream>(to stream: inout Target) {
        stream.write("\(target)")
    }
}

extension CallTarget: CustomStringConvertible {
    /// As Python would write it: "frame['name'].mean".
    var description: String {
        let start =
            switch root {
            case .name(let text): text.split(separator: ":").last.map(String.init) ?? ""
            case .object(let reference):
                String(reference.className.split(separator: ".").last ?? "object")
            case .operation(let operation, let operands):
                operands.count == 1
                    ? operation.symbol + Self.text(of: operands[0])
                    : "(\(Self.text(of: operands[0])) \(operation.symbol) \(Self.text(of: operands[1])))"
            case .invocation(let invocation): "\(invocation)"
            case .value(let value): Self.text(of: value)
            case .script(_, .name(let text)): text.isEmpty ? "py" : text
            case .script(_, .step(let position)): "<value \(position + 1) of a script>"
            case .script(_, .operand): "<operand of a script>"
            case .unusable: "?"
            }
        return steps.reduce(into: start) { text, step in
            switch step {
            case .attribute(let name): text += "." + name
            case .item(let keys):
                let names = keys.map { $0.map { Self.text(of: $0) } ?? "None" }
                text += "[" + names.joined(separator: ", ") + "]"
            }
        }
    }
}

extension CallTarget {
    /// As Python would write it.
    static func text(of value: any Encodable) -> String {
        if let owner = value as? any TargetOwner { return "\(owner.target)" }
        return (try? PythonValue(value).debugDescription) ?? "…"
    }
}

extension PythonWriter {
    /// Writes a reference to an object that stays on the server.
    func encode(_ reference: ObjectReference) throws {
        if let objects {
            objects.add(reference)
        } else {
            guard home == reference.home.identity else {
                try reference.checkIsThere()
                throw ConversionError(
                    "\(reference) is not on the server of this call; pass a copy of it, read with "
                        + "evaluate(_:)")
            }
        }
        cbor.tag(CBORTag.object)
        cbor.array(count: 2)
        cbor.unsigned(reference.number)
        cbor.text(reference.className)
    }

    /// Writes the key of an item. A range is a slice.
    mutating func encode(itemKey key: PythonArgument) throws {
        if let range = key as? any SliceKey {
            try range.slice.encode(into: &self)
        } else {
            try encode(key ?? PythonValue.none)
        }
    }
}

/// A range, which is a slice where it is the key of an item.
protocol SliceKey {
    var slice: PythonSlice { get }
}

extension Range: SliceKey where Bound == Int {
    var slice: PythonSlice { PythonSlice(lowerBound, upperBound) }
}

extension ClosedRange: SliceKey where Bound == Int {
    // The last position has no one behind it: to the end.
    var slice: PythonSlice {
        PythonSlice(lowerBound, upperBound == -1 || upperBound == .max ? nil : upperBound + 1)
    }
}

extension PartialRangeFrom: SliceKey where Bound == Int {
    var slice: PythonSlice { PythonSlice(lowerBound, nil) }
}

extension PartialRangeUpTo: SliceKey where Bound == Int {
    var slice: PythonSlice { PythonSlice(nil, upperBound) }
}

extension PartialRangeThrough: SliceKey where Bound == Int {
    var slice: PythonSlice {
        PythonSlice(nil, upperBound == -1 || upperBound == .max ? nil : upperBound + 1)
    }
}
