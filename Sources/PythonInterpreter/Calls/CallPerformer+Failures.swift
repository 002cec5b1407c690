import CPythonABI
import ProxyWire

/// Why a call has failed, as the client gets it.
extension CallPerformer {
    /// Writes why a call has failed.
    func report(
        _ failure: ConversionFailure, to reply: FrameBuffer, callID: UInt64, step: Int? = nil
    ) -> FrameBuffer {
        switch failure {
        case .raised:
            return reportException(to: reply, callID: callID, step: step)
        case .unsupported(let value):
            return Rejection(.conversion, value.message, place: value.fullPlace)
                .frame(callID: callID)
        case .malformed(let error):
            return Rejection(.malformed, "the call is not what the protocol says: \(error)")
                .frame(callID: callID)
        }
    }

    /// Writes the exception that is set in this thread, and clears it.
    ///
    /// - Parameter step: of a script, in which it was raised.
    private func reportException(
        to reply: FrameBuffer, callID: UInt64, step: Int?
    ) -> FrameBuffer {
        let isMissingPackage = py.PyErr_ExceptionMatches(packageNotInstalled) != 0
        guard let exception = takeException() else {
            return Rejection(.other, "the call failed without an exception").frame(callID: callID)
        }
        let owned = OwnedReference(owning: exception)
        if isMissingPackage {
            return Rejection(.packageNotInstalled, shortText(owned.pointer)).frame(callID: callID)
        }
        do {
            let description = try call(describeException, owned.pointer)
            if let step {
                let key = try newString("step")
                let number = try owning(py.PyLong_FromLongLong(Int64(step)))
                try checking(
                    py.PyDict_SetItem(description.pointer, key.pointer, number.pointer))
            }
            var encoder = ObjectEncoder(
                into: reply, maximumDepth: 64, numbers: numbers, codec: codec, numpy: numpy)
            try encoder.encode(description.pointer)
            return reply.seal(kind: .failure, callID: callID)
        } catch {
            // Short of memory, say: the class and the text go a shorter way.
            py.PyErr_Clear()
            let reply = FrameBuffer()
            let writer = CBORWriter(reply)
            writer.map(count: 2)
            writer.text("type")
            writer.text(typeName(of: owned.pointer))
            writer.text("message")
            writer.text(String(text(of: owned.pointer).prefix(1000)))
            return reply.seal(kind: .failure, callID: callID)
        }
    }
}
