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

    /// The typed arrays of RFC 8746. Standing alone, one is a list of int or float.
    package static let typedArrays: ClosedRange<UInt64> = 64...87
}
