/// The names and types of a type's stored properties, from the metadata that the compiler writes for `Mirror`.
///
/// No code of the type runs: a decoder that returned invented values to its `init(from:)` would have to hope that
/// none of them stops the program. The two functions belong to the standard library's own implementation of
/// `Mirror` (stdlib/public/core/ReflectionMirror.swift), which has no public form that needs no instance. Both are
/// part of its binary interface. Where a program is compiled without such metadata, there are no names.
enum StoredProperties {
    static func of(_ type: Any.Type) -> [(name: String, type: Any.Type)] {
        (0..<childCount(type)).compactMap { index in
            var metadata = FieldMetadata()
            let field = childMetadata(type, index: index, metadata: &metadata)
            defer { metadata.free?(metadata.name) }
            return metadata.name.map { (String(cString: $0), field) }
        }
    }

    private struct FieldMetadata {
        var name: UnsafePointer<CChar>?
        var free: (@convention(c) (UnsafePointer<CChar>?) -> Void)?
        var isStrong = false
        var isVariable = false
    }

    @_silgen_name("swift_reflectionMirror_recursiveCount")
    private static func childCount(_: Any.Type) -> Int

    @_silgen_name("swift_reflectionMirror_recursiveChildMetadata")
    private static func childMetadata(
        _: Any.Type, index: Int, metadata: UnsafeMutablePointer<FieldMetadata>
    ) -> Any.Type
}
