import ProxyWire

extension PythonServer {
    /// What a server is and does at the moment.
    public struct Status: Sendable, Equatable {
        /// A program that is connected, or one of several connections of a program.
        public struct Client: Sendable, Equatable {
            /// The name and process of the program.
            public let name: String
            /// For how long it has been connected.
            public let duration: Duration
        }

        /// A call that runs, of whichever client.
        public struct Call: Sendable, Equatable {
            /// The function, as one writes it in Python.
            public let function: String
            /// For how long it has been running.
            public let duration: Duration
            /// What it is running, the innermost Python frame first; empty if that could not be found out.
            public let stack: [String]
        }

        /// Objects of a class that stay on the server for its clients.
        public struct Objects: Sendable, Equatable {
            /// "package.Class", or "list".
            public let className: String
            /// Where programs have made them, "Solver.swift:12", if they run with `PYPROXY_TRACE_OBJECTS=1`.
            public let place: String?
            public let count: Int
        }

        /// The server's process.
        public let processIdentifier: Int32
        /// Such as "3.12.1".
        public let pythonVersion: String
        /// For how long the server has been ready.
        public let duration: Duration
        /// Resident memory, in bytes.
        public let memory: Int
        /// The programs that are connected, without the one that asks.
        public let otherClients: [Client]
        public let calls: [Call]
        /// The objects of all clients, those of which there are most first.
        public let objects: [Objects]
    }
}

extension PythonServer.Status {
    init(_ status: ServerStatus) {
        func duration(_ milliseconds: UInt64) -> Duration {
            .milliseconds(Int64(clamping: min(milliseconds, 1 << 50)))
        }
        processIdentifier = status.processIdentifier
        pythonVersion = status.pythonVersion
        self.duration = duration(status.milliseconds)
        memory = Int(clamping: status.memory)
        otherClients = status.clients.map {
            Client(name: $0.name, duration: duration($0.milliseconds))
        }
        calls = status.calls.map {
            Call(
                function: $0.function, duration: duration($0.milliseconds), stack: $0.stack)
        }
        objects = status.objects.map {
            Objects(className: $0.className, place: $0.place, count: $0.count)
        }
    }
}
