import CPythonABI
import ProxyWire

/// A Python object that gives the buffer protocol access to shared memory, and gives the memory back when
/// nothing in Python uses it any more.
///
/// What is written to it stays in this process, unless the memory is a shared region.
enum SharedBuffer {
    /// What an instance looks like in memory.
    private struct Instance {
        var head: PyObject
        var start: UnsafeMutableRawPointer?
        var length: Int
        /// Retained.
        var loan: UnsafeMutableRawPointer?
    }

    /// A class reference to keep a loan with.
    private final class Keeper {
        let loan: any Loan
        init(_ loan: any Loan) { self.loan = loan }
    }

    /// Creates an object for `bytes`, which are in the memory of `loan`.
    static func new(
        _ bytes: UnsafeRawBufferPointer, in loan: any Loan
    ) throws(ConversionFailure) -> OwnedReference {
        guard let type = type.pointer else { throw .raised }
        let object = try owning(
            py.PyType_GenericAlloc(OpaquePointer(type), 0))
        withInstance(object.pointer) {
            $0.start = UnsafeMutableRawPointer(mutating: bytes.baseAddress)
            $0.length = bytes.count
            $0.loan = Unmanaged.passRetained(Keeper(loan)).toOpaque()
        }
        return object
    }

    /// SAFETY: only for instances of this type, with the GIL held.
    private static func withInstance<Result>(
        _ borrowed: PythonReference, _ body: (inout Instance) -> Result
    ) -> Result {
        UnsafeMutableRawPointer(borrowed).withMemoryRebound(to: Instance.self, capacity: 1) {
            body(&$0.pointee)
        }
    }

    // MARK: The type

    /// SAFETY (`@unchecked Sendable`): made once, with the GIL held; lives as long as the process.
    private struct TypeReference: @unchecked Sendable {
        let pointer: PythonReference?
    }

    private static let type = TypeReference(pointer: makeType())

    private static func makeType() -> PythonReference? {
        let deallocate: @convention(c) (PythonReference?) -> Void = { borrowed in
            guard let borrowed else { return }
            let loan = SharedBuffer.withInstance(borrowed) { $0.loan }
            let type = UnsafeMutableRawPointer(Py_TYPE(borrowed))
            py.PyObject_Free(borrowed)
            // An instance of a heap type holds a reference to it.
            py.Py_DecRef(type?.assumingMemoryBound(to: PyObject.self))
            if let loan { Unmanaged<Keeper>.fromOpaque(loan).release() }
        }
        let getBuffer:
            @convention(c) (PythonReference?, UnsafeMutablePointer<Py_buffer>?, Int32) -> Int32 = {
                borrowed, view, flags in
                guard let borrowed, let view else { return -1 }
                let (start, length) = SharedBuffer.withInstance(borrowed) { ($0.start, $0.length) }
                return py.PyBuffer_FillInfo(view, borrowed, start, length, 0, flags)
            }
        // Python keeps a pointer to the name.
        let name = NativeModule.lastingCString("pyproxy_runtime.SharedBuffer")
        var slots = [
            PyType_Slot(
                slot: Py_tp_dealloc,
                pfunc: unsafeBitCast(deallocate, to: UnsafeMutableRawPointer.self)),
            PyType_Slot(
                slot: Py_bf_getbuffer,
                pfunc: unsafeBitCast(getBuffer, to: UnsafeMutableRawPointer.self)),
            PyType_Slot(slot: 0, pfunc: nil),
        ]
        return slots.withUnsafeMutableBufferPointer { slots in
            // Py_TPFLAGS_DISALLOW_INSTANTIATION
            var specification = PyType_Spec(
                name: name, basicsize: Int32(MemoryLayout<Instance>.size), itemsize: 0,
                flags: 1 << 7, slots: slots.baseAddress)
            return py.PyType_FromSpec(&specification)
        }
    }
}
