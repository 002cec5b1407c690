/// The CBOR tags of the protocol. Every tag that is ever written is in this file.
package enum CBORTag {
    /// An integer of any size as big-endian bytes (RFC 8949, section 3.4.3).
    package static let positiveBignum: UInt64 = 2
    package static let negativeBignum: UInt64 = 3
    /// A multi-dimensional array in row-major order: [[dimension, …], elements] (RFC 8746).
    /// Here: a numpy array, of any number of dimensions including 0 and 1.
    package static let rowMajorArray: UInt64 = 40
    /// A complex number: [real, imaginary] (IANA registry of CBOR tags).
    package static let complex: UInt64 = 43000

    /// The date and time that a text says, with its distance from UTC (RFC 8949, section 3.4.1).
    package static let dateTimeText: UInt64 = 0
    /// [exponent, coefficient] of a decimal number (RFC 8949, section 3.4.4).
    package static let decimal: UInt64 = 4
    /// [numerator, denominator] (IANA registry of CBOR tags).
    package static let rational: UInt64 = 30
    /// 16 bytes (IANA registry of CBOR tags).
    package static let uuid: UInt64 = 37
    /// A set: an array of its items (IANA registry of CBOR tags).
    package static let set: UInt64 = 258
    /// {1: seconds, -6: microseconds} (RFC 9581).
    package static let duration: UInt64 = 1002
    /// A date as text (RFC 8943).
    package static let date: UInt64 = 1004

    // Tags of this protocol, from the range that IANA gives out first come, first served.
    /// A tuple: an array of its items.
    package static let tuple: UInt64 = 50790
    /// A numpy scalar: elements, exactly one.
    package static let numpyScalar: UInt64 = 50791
    /// Boolean elements: a byte string with a byte 0 or 1 for each.
    package static let booleanElements: UInt64 = 50792
    /// Complex elements: float32 or float64 elements, real and imaginary parts in turn.
    package static let complexElements: UInt64 = 50793
    /// Bytes in shared memory: [position in the frame's table of segments, offset, length]. Stands where
    /// a byte string stands.
    package static let sharedBytes: UInt64 = 50794

    // Those that Python code writes and reads: see python/pyproxy_runtime/tags.py.
    package static let frozenset: UInt64 = 50795
    package static let bytearray: UInt64 = 50796
    /// [is read-only, format, shape, bytes].
    package static let memoryview: UInt64 = 50797
    /// [start, stop, step].
    package static let range: UInt64 = 50798
    /// [start, stop, step].
    package static let slice: UInt64 = 50799
    /// A decimal number that tag 4 cannot hold, as text: -0, NaN, Infinity.
    package static let specialDecimal: UInt64 = 50800
    /// [text without zone, zone, fold].
    package static let dateTime: UInt64 = 50801
    /// [text without zone, zone, fold].
    package static let time: UInt64 = 50802
    /// Text, or bytes if the name is no text.
    package static let path: UInt64 = 50803
    /// [module, class, name, value].
    package static let enumeration: UInt64 = 50804
    /// [module, class, names, values].
    package static let namedTuple: UInt64 = 50805
    /// [module, class, fields].
    package static let dataclass: UInt64 = 50806
    /// [fields].
    package static let namespace: UInt64 = 50807
    /// An array of a dtype that is no number: [dtype, shape, elements of uint8].
    package static let array: UInt64 = 50808
    /// The same as a scalar.
    package static let scalar: UInt64 = 50809
    /// [data, mask or null, fill value, is the mask hard].
    package static let maskedArray: UInt64 = 50810
    /// [class, shape, parts].
    package static let sparseArray: UInt64 = 50811
    /// [kind, part, …].
    package static let pandas: UInt64 = 50812
    /// [dtype, guid, name, data].
    package static let compas: UInt64 = 50813
    /// [class, reason]: stands for a part of a result that cannot be copied.
    package static let opaque: UInt64 = 50814
    /// [value, class, text or null, representation or null, plain form]: a value of one of the tags that Python
    /// code writes, and what can be said of it. The plain form is `false` (there is none), `true` (the content of
    /// the value), the position of an item of the content, or [the plain form].
    package static let described: UInt64 = 50815
    /// {label: column, …}: the rows of a table, column by column.
    package static let table: UInt64 = 50816
    /// A dtype of numpy, as in `array`.
    package static let dtype: UInt64 = 50817
    /// [number, class]: an object that stays on the server. In arguments the class is left out.
    package static let object: UInt64 = 50818
    /// [root, step, …]: what is found from an object, or from a name ("package:path"). A step is an attribute, a text,
    /// or an item, an array of its keys. In arguments and targets.
    package static let reference: UInt64 = 50819
    /// [operator, operand, …]: what Python's operator makes of values. In arguments and targets.
    package static let operation: UInt64 = 50820
    /// [result, [number, …]]: a result, and the objects in it, each as often as it stands there.
    package static let withObjects: UInt64 = 50821
    /// [function, [argument, …], {name: argument, …}]: what a function returns. The function is a name ("package:path")
    /// or a value. In arguments and targets.
    package static let invocation: UInt64 = 50822
    /// A number: a value of the steps of the same script.
    package static let step: UInt64 = 50823
    /// A value where a text would be a name.
    package static let constant: UInt64 = 50824
    /// A number: an operand of the same script.
    package static let operand: UInt64 = 50825

    /// Whether values of a tag are built into Python, or none: nothing more can be said of them.
    package static func hasNoDescription(_ tag: UInt64) -> Bool {
        tag == set || tag == frozenset || tag == array || tag == scalar || tag == opaque
            || tag == table
    }

    /// Whether a tag stands for a number, a tuple, a list or an array of numbers, which have no plainer form.
    package static func isBasic(_ tag: UInt64) -> Bool {
        switch tag {
        case positiveBignum, negativeBignum, complex, tuple, numpyScalar, rowMajorArray,
            booleanElements, complexElements, sharedBytes, typedArrays:
            true
        default: false
        }
    }

    /// The typed arrays of RFC 8746. Standing alone, one is a list of int or float.
    package static let typedArrays: ClosedRange<UInt64> = 64...87
}
