/// Packages that have another name on the package index than in an `import` statement.
enum DistributionNames {
    private static let table = [
        "Bio": "biopython", "Crypto": "pycryptodome", "Levenshtein": "python-Levenshtein",
        "MySQLdb": "mysqlclient", "OpenGL": "PyOpenGL", "OpenSSL": "pyOpenSSL", "PIL": "pillow",
        "attr": "attrs", "bs4": "beautifulsoup4", "cairo": "pycairo", "cv2": "opencv-python",
        "dateutil": "python-dateutil", "docx": "python-docx", "dotenv": "python-dotenv",
        "faiss": "faiss-cpu", "ffmpeg": "ffmpeg-python", "fitz": "PyMuPDF", "gi": "PyGObject",
        "git": "GitPython", "jwt": "PyJWT", "magic": "python-magic", "mpl_toolkits": "matplotlib",
        "nacl": "PyNaCl", "osgeo": "GDAL", "pkg_resources": "setuptools", "pptx": "python-pptx",
        "pywt": "PyWavelets", "ruamel": "ruamel.yaml", "serial": "pyserial", "shapefile": "pyshp",
        "skimage": "scikit-image", "sklearn": "scikit-learn", "skopt": "scikit-optimize",
        "sksparse": "scikit-sparse", "slugify": "python-slugify", "socks": "PySocks",
        "stl": "numpy-stl", "umap": "umap-learn", "usb": "pyusb", "websocket": "websocket-client",
        "wx": "wxPython", "yaml": "PyYAML", "zmq": "pyzmq",
    ]

    /// What to give to pip for a package that is imported by this name.
    static func distribution(of package: String) -> String { table[package] ?? package }
}
