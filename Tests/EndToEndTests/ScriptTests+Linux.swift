#if os(Linux)
    import Testing

    @testable import PythonProxy

    extension PythonExpression {
        fileprivate func addInExtension() { self.add(1) }
    }

    extension ScriptTests {
        private static let lineInExtension = #line - 4

        /// Takes a step in a function of its own.
        private func add(_ value: PythonExpression, to table: PythonExpression) {
            table.add(value)
        }

        @Test func errorsNameTheLineOfTheStep() async throws {
            try await withModule(try .any) { sample in
                let scripts: [(Int, (PythonExpression) -> Void)] = [
                    (
                        #line + 3,
                        { py in
                            let table = py.sample.Table()
                            table.missing(1)
                        }
                    ),
                    (
                        #line + 3,
                        { py in
                            let table = py.sample.Table()
                            let item = table["x"]
                            table["y"] = item
                        }
                    ),
                    (
                        #line + 4,
                        { py in
                            let table = py.sample.Table()
                            let sum =
                                table + 3
                            table["y"] = sum
                        }
                    ),
                    (#line, { py in py.sample.log("x").title = 3 }),
                    (
                        #line + 3,
                        { py in
                            let log = py.sample.LOG
                            delete(log["x"])
                        }
                    ),
                    (#line, { py in withContext(py.sample.log("x")) { _ in } }),
                    (
                        #line + 3,
                        { py in
                            withContext(py.sample.managed("a")) { name in
                                name.nothing()
                            }
                        }
                    ),
                    (
                        #line + 10,
                        { py in
                            withContext(py.contextlib.suppress(py.builtins.ValueError)) { _ in
                                py.sample.fail("x")
                                py.sample.log("not reached")
                                withContext(py.sample.managed("b")) { _ in py.sample.log("nor this")
                                }
                                py.sample.log("nor that")
                            }
                            py.sample.log("reached")
                            py.sample.nothing()
                        }
                    ),
                    (Self.lineInExtension, { py in py.sample.Table().addInExtension() }),
                    (#line - 62, { py in add(py[1], to: py.sample.Table()) }),
                ]
                for (line, script) in scripts {
                    let error = await #expect(throws: PythonError.self) {
                        try await sample.script { script($0) }
                    }
                    let note = error?.notes.last ?? ""
                    #expect(
                        note.hasPrefix("at ScriptTests+Linux.swift:\(line), in step "), "\(note)")
                }
            }
        }

        @Test func errorsNameTheLineOfAStepThatIsKept() async throws {
            try await withModule(try .any) { sample in
                let script = try PythonScript(parameters: 1) { py, values in
                    let table = py.sample.Table()
                    return table[values[0]]
                }
                let line = #line - 2
                let error = await #expect(throws: PythonError.self) {
                    let _: Int = try await script(on: sample, 1)
                }
                let note = error?.notes.last ?? ""
                #expect(note.hasPrefix("at ScriptTests+Linux.swift:\(line), in step 2"), "\(note)")
            }
        }
    }
#endif
