import CPythonABI
func probe() -> UnsafeMutablePointer<PyObject>? { py.PyFloat_FromDouble(1.5) }
func typ(_ o: UnsafeMutablePointer<PyObject>) -> Bool { UnsafeMutableRawPointer(Py_TYPE(o)) == UnsafeMutableRawPointer(py.PyFloat_Type) }
func opt(_ o: UnsafeMutablePointer<PyObject>) -> UnsafeMutablePointer<PyObject>? { py.PyObject_Vectorcall(o, nil, 0, nil) }
func s() -> [UInt8] { PackageResources.bootstrap_py }
