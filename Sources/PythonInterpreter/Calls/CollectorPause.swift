import CPythonABI

/// Keeps Python's garbage collector from running while arguments are made: they are no garbage, but thousands of
/// new containers would set off collection after collection that finds none.
///
/// It lasts only while no Python code runs: code that runs meanwhile, here or on another thread, finds the collector
/// as it left it, and may turn it on or off itself.
///
/// SAFETY: used only with the GIL held.
struct CollectorPause {
    private let wasEnabled = py.PyGC_Disable() == 1

    func end() { if wasEnabled { _ = py.PyGC_Enable() } }
}
