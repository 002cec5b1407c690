import CPythonABI
import ProxyWire

/// The conversions that are written in Python: of every value that is no built-in container and no array
/// of numbers.
///
/// SAFETY: the references live as long as the process and are used only with the GIL held.
struct ValueCodec {
    private let reduceFunction: PythonReference
    private let restoreFunction: PythonReference
    private let convertFunction: PythonReference
    private let describeFunction: PythonReference
    private let placeFunction: PythonReference
    private let notConvertible: PythonReference

    /// Takes over references to functions and a class of the Python runtime.
    init(
        reduce: PythonReference, restore: PythonReference, convert: PythonReference,
        describe: PythonReference, place: PythonReference, notConvertible: PythonReference
    ) {
        self.reduceFunction = reduce
        self.restoreFunction = restore
        self.convertFunction = convert
        self.describeFunction = describe
        self.placeFunction = place
        self.notConvertible = notConvertible
    }

    /// A value as a tag and its content.
    struct Reduced: ~Copyable {
        /// Nil: the content stands for the value as it is.
        let tag: UInt64?
        let content: OwnedReference
    }

    /// What stands for a value; nil if it crosses as what its type inherits from.
    func reduce(_ borrowed: PythonReference) throws(ConversionFailure) -> Reduced? {
        let result: OwnedReference
        do { result = try call(reduceFunction, borrowed) } catch { throw refusal(error) }
        if result.pointer == py._Py_NoneStruct { return nil }
        let number = try borrowing(py.PyTuple_GetItem(result.pointer, 0))
        var overflow: Int32 = 0
        let tag = py.PyLong_AsLongLongAndOverflow(number, &overflow)
        let content = try borrowing(py.PyTuple_GetItem(result.pointer, 1))
        return Reduced(
            tag: tag < 0 ? nil : UInt64(tag), content: OwnedReference(borrowing: content))
    }

    /// What can be said of a value: its class, text, representation and plain form.
    ///
    /// - Parameter length: of the content on the wire; nil: its texts are not wanted.
    /// - Returns: a tuple of four.
    func describe(
        _ borrowed: PythonReference, tag: UInt64, _ borrowedContent: PythonReference, length: Int?
    ) throws(ConversionFailure) -> OwnedReference {
        let number = try owning(py.PyLong_FromUnsignedLongLong(tag))
        let length = try owning(py.PyLong_FromLongLong(Int64(length ?? -1)))
        do {
            return try call(
                describeFunction, borrowed, number.pointer, borrowedContent, length.pointer)
        } catch { throw refusal(error) }
    }

    /// The same failure, with its place in the content of a value as users write it.
    func inUsersTerms(
        _ failure: ConversionFailure, tag: UInt64, _ borrowedContent: PythonReference
    ) -> ConversionFailure {
        guard case .unsupported(var value) = failure else { return failure }
        do {
            let number = try owning(py.PyLong_FromUnsignedLongLong(tag))
            let steps = try newList(value.place.reversed())
            let place = try call(placeFunction, number.pointer, borrowedContent, steps.pointer)
            var texts: [String] = []
            for index in 0..<py.PyList_Size(place.pointer) {
                texts.append(
                    try swiftString(try borrowing(py.PyList_GetItem(place.pointer, index))))
            }
            value.place = texts.reversed()
            return .unsupported(value)
        } catch {
            // The place on the wire is better than none.
            py.PyErr_Clear()
            return failure
        }
    }

    /// The value that a tag and its content stand for.
    func restore(
        tag: UInt64, _ content: consuming OwnedReference
    ) throws(ConversionFailure) -> OwnedReference {
        let number = try owning(py.PyLong_FromUnsignedLongLong(tag))
        do {
            return try call(restoreFunction, number.pointer, content.pointer)
        } catch {
            throw refusal(error)
        }
    }

    /// A value as what is wanted, see `wanted.py`; nil if it is to be sent as it is.
    func convert(
        _ borrowed: PythonReference, as schema: ValueSchema
    ) throws(ConversionFailure) -> OwnedReference? {
        var names: [String] = []
        switch schema {
        // Of rows, too: a table need not have other columns twice.
        case .record(let fields), .list(.record(let fields)): names = fields.keys.sorted()
        default: break
        }
        let list = try newList(names)
        let kind = try owning(py.PyLong_FromUnsignedLongLong(schema.number))
        let result: OwnedReference
        do {
            result = try call(convertFunction, kind.pointer, borrowed, list.pointer)
        } catch { throw refusal(error) }
        if result.pointer == py._Py_NoneStruct { return nil }
        return result
    }

    /// What the runtime says about a value that cannot cross is a refusal, not an exception of the call.
    private func refusal(_ failure: ConversionFailure) -> ConversionFailure {
        guard case .raised = failure, py.PyErr_ExceptionMatches(notConvertible) != 0,
            let exception = takeException()
        else { return failure }
        let owned = OwnedReference(owning: exception)
        return .unsupported(text(of: owned.pointer))
    }
}
