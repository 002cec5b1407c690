/// A descriptor on its way to another process; closed here when it has been passed.
package final class PassedDescriptor: Sendable {
    let descriptor: Descriptor

    init(_ descriptor: consuming Descriptor) {
        self.descriptor = descriptor
    }
}
