import CPythonABI
import ProxyWire

/// What the objects, names and operators in the arguments of a call stand for.
///
/// SAFETY: used only with the GIL held.
struct ArgumentObjects {
    let table: ObjectTable
    let session: UInt64
    let targets: TargetCache
    let internedNames: InternedNames
    /// That of the call.
    let thread: PythonThreadState
    /// Nil outside of scripts.
    var script: ScriptValues?
    /// Nil where clients may use everything.
    let checks: ObjectChecks?

    /// An object that the client knows by its number.
    func object(_ number: UInt64) throws(ConversionFailure) -> OwnedReference {
        guard let object = table.object(number, of: session) else {
            throw .unsupported("there is no object \(number) of this client on the server any more")
        }
        return OwnedReference(borrowing: object)
    }

    /// What a name "package:path" stands for.
    func named(_ text: String) throws(ConversionFailure) -> OwnedReference {
        try targets.target(text).value()
    }

    func attribute(
        _ name: borrowing OwnedReference, of parent: borrowing OwnedReference
    ) throws(ConversionFailure) -> OwnedReference {
        // Before that runs a property.
        if let checks { _ = try call(checks.name, name.pointer) }
        let value = try owning(py.PyObject_GetAttr(parent.pointer, name.pointer))
        if let checks {
            _ = try call(checks.attribute, parent.pointer, name.pointer, value.pointer)
        }
        return value
    }

    func item(
        _ key: borrowing OwnedReference, of parent: borrowing OwnedReference
    ) throws(ConversionFailure) -> OwnedReference {
        let value = try owning(py.PyObject_GetItem(parent.pointer, key.pointer))
        if let checks { _ = try call(checks.item, parent.pointer, key.pointer, value.pointer) }
        return value
    }

    /// Takes the last step of a path.
    func value(
        of end: borrowing ObjectDecoder.PathEnd
    ) throws(ConversionFailure) -> OwnedReference {
        guard let key = end.key else {
            return OwnedReference(borrowing: end.parent.pointer)
        }
        let owned = OwnedReference(borrowing: key)
        return end.isItem ? try item(owned, of: end.parent) : try attribute(owned, of: end.parent)
    }

    /// Assigns what a path leads to.
    ///
    /// - Parameter borrowedValue: nil: it is deleted.
    func assign(
        _ borrowedValue: PythonReference?, to end: borrowing ObjectDecoder.PathEnd
    ) throws(ConversionFailure) {
        try checkAssignment()
        guard let key = end.key else {
            throw .unsupported("an object itself is not assigned; give an attribute or item of it")
        }
        let parent = end.parent.pointer
        if !end.isItem {
            try checking(py.PyObject_SetAttr(parent, key, borrowedValue))
        } else if let borrowedValue {
            try checking(py.PyObject_SetItem(parent, key, borrowedValue))
        } else {
            try checking(py.PyObject_DelItem(parent, key))
        }
    }

    /// Throws if the client may not change objects.
    func checkAssignment() throws(ConversionFailure) {
        if let checks { _ = try call(checks.assignment) }
    }

    /// Throws if the client may not call an object.
    func checkCall(of borrowed: PythonReference) throws(ConversionFailure) {
        if let checks { _ = try call(checks.call, borrowed) }
    }
}

/// Functions of `exposure.py`, on servers that are limited to packages.
///
/// SAFETY: references that live as long as the process.
struct ObjectChecks {
    let name: PythonReference
    let attribute: PythonReference
    let item: PythonReference
    let call: PythonReference
    let assignment: PythonReference
}

extension PythonOperator {
    /// The value of an operation.
    ///
    /// - Parameter operands: as many as the operator has.
    func value(of operands: [PythonReference]) throws(ConversionFailure) -> OwnedReference {
        let (left, right) = (operands[0], operands[operands.count - 1])
        // The constants of object.h for comparisons: Py_LT and so on.
        return switch self {
        case .add: try owning(py.PyNumber_Add(left, right))
        case .subtract: try owning(py.PyNumber_Subtract(left, right))
        case .multiply: try owning(py.PyNumber_Multiply(left, right))
        case .divide: try owning(py.PyNumber_TrueDivide(left, right))
        case .remainder: try owning(py.PyNumber_Remainder(left, right))
        case .power: try owning(py.PyNumber_Power(left, right, py._Py_NoneStruct))
        case .and: try owning(py.PyNumber_And(left, right))
        case .or: try owning(py.PyNumber_Or(left, right))
        case .exclusiveOr: try owning(py.PyNumber_Xor(left, right))
        case .leftShift: try owning(py.PyNumber_Lshift(left, right))
        case .rightShift: try owning(py.PyNumber_Rshift(left, right))
        case .less: try owning(py.PyObject_RichCompare(left, right, 0))
        case .lessOrEqual: try owning(py.PyObject_RichCompare(left, right, 1))
        case .equal: try owning(py.PyObject_RichCompare(left, right, 2))
        case .notEqual: try owning(py.PyObject_RichCompare(left, right, 3))
        case .greater: try owning(py.PyObject_RichCompare(left, right, 4))
        case .greaterOrEqual: try owning(py.PyObject_RichCompare(left, right, 5))
        case .negative: try owning(py.PyNumber_Negative(left))
        case .invert: try owning(py.PyNumber_Invert(left))
        case .addInPlace: try owning(py.PyNumber_InPlaceAdd(left, right))
        case .subtractInPlace: try owning(py.PyNumber_InPlaceSubtract(left, right))
        case .multiplyInPlace: try owning(py.PyNumber_InPlaceMultiply(left, right))
        case .divideInPlace: try owning(py.PyNumber_InPlaceTrueDivide(left, right))
        case .remainderInPlace: try owning(py.PyNumber_InPlaceRemainder(left, right))
        case .powerInPlace: try owning(py.PyNumber_InPlacePower(left, right, py._Py_NoneStruct))
        case .andInPlace: try owning(py.PyNumber_InPlaceAnd(left, right))
        case .orInPlace: try owning(py.PyNumber_InPlaceOr(left, right))
        case .exclusiveOrInPlace: try owning(py.PyNumber_InPlaceXor(left, right))
        case .leftShiftInPlace: try owning(py.PyNumber_InPlaceLshift(left, right))
        case .rightShiftInPlace: try owning(py.PyNumber_InPlaceRshift(left, right))
        case .isIn: try Self.contains(right, left)
        }
    }

    private static func contains(
        _ container: PythonReference, _ value: PythonReference
    ) throws(ConversionFailure) -> OwnedReference {
        let answer = py.PySequence_Contains(container, value)
        try checking(answer)
        return OwnedReference(borrowing: answer == 0 ? py._Py_FalseStruct : py._Py_TrueStruct)
    }
}
