#if canImport(Darwin)
    import Darwin

    let privateMappingFlags = MAP_PRIVATE | MAP_NORESERVE

    /// There is no way to ask.
    func hasOwnWrites(_ bytes: UnsafeMutableRawBufferPointer) -> Bool { true }

    func descriptorToKeep(_ descriptor: Int32) -> PassedDescriptor? {
        (try? Descriptor(duplicating: descriptor)).map { PassedDescriptor($0) }
    }

    /// MADV_DONTNEED keeps private pages on this system: a new mapping takes the place of the old one.
    func dropPages(_ bytes: UnsafeMutableRawBufferPointer, of descriptor: PassedDescriptor?) -> Bool
    {
        guard let descriptor else { return false }
        return mmap(
            bytes.baseAddress, bytes.count, PROT_READ | PROT_WRITE,
            privateMappingFlags | MAP_FIXED, descriptor.descriptor.number, 0) != MAP_FAILED
    }
#endif
