/// What a call does with its target. The raw values are part of the protocol.
///
/// The payload of a `call` frame is an array of four to seven: operation, target, positional arguments
/// (an array), keyword arguments (a map with text keys), what the result is wanted as, a
/// `ValueSchema`, if it matters, where the program makes the call, a text, or null, if it traces objects, and the number of the context that it runs in. The target is "package:path", where either part
/// may be empty and path is dotted; it is the same text for the same function, so that a server can
/// remember what it stands for. Or it is a value with one of the tags `object`, `path` and `operation`.
package enum CallOperation: UInt64, Sendable {
    /// Calls the target with the arguments.
    case call = 0
    /// Returns the target itself.
    case get = 1
    /// Assigns the only argument to the target.
    case set = 2
    /// Imports the package of the target.
    case open = 3
    /// Calls a function of the server's own Python code: one of those that clients may use.
    case service = 4

    /// Deletes the target.
    case delete = 5
    /// Enters the target, a context manager, in a context that is made for it. In a script it is entered in that of the
    /// script, and the steps of its block follow: the positional arguments are those steps, and how many values they
    /// have, with those of blocks within.
    case enter = 6
    /// Performs steps. The target is an empty text; the positional arguments are a list of operands, a list of steps
    /// and the result. A step is an array of operation, target, positional and keyword arguments, as in a call, without
    /// arguments if it reads the target. It has one value, `CBORTag.step`.
    case script = 7
    /// Leaves the context manager that has been entered in the call's context. The target is an empty text; the argument
    /// is null, or what has been thrown: [type, module, arguments, text]. The result is null if nothing has been entered.
    case leave = 9
    /// In a script: calls what a path leads to. It has two values: what it leads to, and what that returns.
    case callFound = 8

    /// How many items the payload of a call has.
    package static let itemCounts = 4...7
}
