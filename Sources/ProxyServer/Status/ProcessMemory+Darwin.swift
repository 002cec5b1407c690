#if canImport(Darwin)
    import Darwin

    /// How much memory this process has.
    enum ProcessMemory {
        /// Resident memory in bytes.
        static var resident: UInt64 {
            var information = proc_taskinfo()
            let size = Int32(MemoryLayout<proc_taskinfo>.size)
            guard proc_pidinfo(getpid(), PROC_PIDTASKINFO, 0, &information, size) == size else {
                return 0
            }
            return information.pti_resident_size
        }
    }
#endif
