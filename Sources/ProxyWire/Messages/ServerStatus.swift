/// What a server is and does at the moment: the payload of the reply to a `status` frame.
package struct ServerStatus: Sendable, Equatable {
    /// A client that is connected.
    package struct Client: Sendable, Equatable {
        package var session: UInt64
        package var name: String
        package var milliseconds: UInt64

        package init(session: UInt64, name: String, milliseconds: UInt64) {
            self.session = session
            self.name = name
            self.milliseconds = milliseconds
        }
    }

    /// A call that runs.
    package struct Call: Sendable, Equatable {
        package var session: UInt64
        package var callID: UInt64
        /// "package:path".
        package var target: String
        package var milliseconds: UInt64
        /// What it is running, the innermost frame first; empty if that could not be found out.
        package var stack: [String]

        /// The target as one writes it in Python.
        package var function: String {
            target.split(separator: ":", maxSplits: 1).joined(separator: ".")
        }

        package init(
            session: UInt64, callID: UInt64, target: String, milliseconds: UInt64, stack: [String]
        ) {
            self.session = session
            self.callID = callID
            self.target = target
            self.milliseconds = milliseconds
            self.stack = stack
        }
    }

    package var processIdentifier: Int32
    package var pythonVersion: String
    package var identity: ServerIdentity
    /// Since the server is ready.
    package var milliseconds: UInt64
    /// Resident memory, in bytes.
    package var memory: UInt64
    /// Whether the server ends when its last client has left.
    package var endsWithLastClient: Bool
    package var clients: [Client]
    package var calls: [Call]
    /// The most frequent ones.
    package var objects: [ObjectCount]
    /// The stacks of all threads as text, if they could not be had in order.
    package var emergencyStacks: String

    package init(
        processIdentifier: Int32, pythonVersion: String, identity: ServerIdentity,
        milliseconds: UInt64, memory: UInt64, endsWithLastClient: Bool, clients: [Client],
        calls: [Call], objects: [ObjectCount], emergencyStacks: String
    ) {
        self.processIdentifier = processIdentifier
        self.pythonVersion = pythonVersion
        self.identity = identity
        self.milliseconds = milliseconds
        self.memory = memory
        self.endsWithLastClient = endsWithLastClient
        self.clients = clients
        self.calls = calls
        self.objects = objects
        self.emergencyStacks = emergencyStacks
    }

    package func frame(callID: UInt64) -> FrameBuffer {
        let writer = CBORWriter(FrameBuffer())
        writer.array(count: 10)
        writer.unsigned(UInt64(processIdentifier))
        writer.text(pythonVersion)
        identity.write(to: writer)
        writer.unsigned(milliseconds)
        writer.unsigned(memory)
        writer.boolean(endsWithLastClient)
        writer.array(count: clients.count)
        for client in clients {
            writer.array(count: 3)
            writer.unsigned(client.session)
            writer.text(client.name)
            writer.unsigned(client.milliseconds)
        }
        writer.array(count: calls.count)
        for call in calls {
            writer.array(count: 5)
            writer.unsigned(call.session)
            writer.unsigned(call.callID)
            writer.text(call.target)
            writer.unsigned(call.milliseconds)
            writer.array(count: call.stack.count)
            for line in call.stack { writer.text(line) }
        }
        writer.array(count: objects.count)
        for count in objects { count.write(to: writer) }
        writer.text(emergencyStacks)
        return writer.buffer.seal(kind: .reply, callID: callID)
    }

    package init(from reader: inout CBORReader) throws(WireError) {
        try reader.array(count: 10)
        processIdentifier = Int32(clamping: try reader.unsigned())
        pythonVersion = try reader.text()
        identity = try ServerIdentity(from: &reader)
        milliseconds = try reader.unsigned()
        memory = try reader.unsigned()
        endsWithLastClient = try reader.boolean()
        clients = try reader.list { (reader) throws(WireError) in
            try reader.array(count: 3)
            return Client(
                session: try reader.unsigned(), name: try reader.text(),
                milliseconds: try reader.unsigned())
        }
        calls = try reader.list { (reader) throws(WireError) in
            try reader.array(count: 5)
            return Call(
                session: try reader.unsigned(), callID: try reader.unsigned(),
                target: try reader.text(), milliseconds: try reader.unsigned(),
                stack: try reader.list { (reader) throws(WireError) in try reader.text() })
        }
        objects = try reader.list { (reader) throws(WireError) in
            try ObjectCount(from: &reader)
        }
        emergencyStacks = try reader.text()
    }
}
