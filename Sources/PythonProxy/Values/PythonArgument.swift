/// An argument of a call, or a value to assign; nil is None.
public typealias PythonArgument = (any Encodable & Sendable)?
