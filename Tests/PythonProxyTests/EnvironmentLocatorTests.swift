import Foundation
import Testing

@testable import PythonProxy

/// Finding interpreters, with folders made for the purpose.
struct EnvironmentLocatorTests {
    private let root: String

    init() throws {
        root = NSTemporaryDirectory() + "pyproxy-locator-\(UUID().uuidString.prefix(8))"
        try FileManager.default.createDirectory(
            atPath: root + "/project/deep", withIntermediateDirectories: true)
    }

    private func withFolders(_ body: () throws -> Void) throws {
        defer { try? FileManager.default.removeItem(atPath: root) }
        try body()
    }

    private func makeEnvironment(_ path: String, python: Bool = true) throws {
        try FileManager.default.createDirectory(
            atPath: "\(root)/\(path)/bin", withIntermediateDirectories: true)
        try "home = /gone\n".write(
            toFile: "\(root)/\(path)/pyvenv.cfg", atomically: true, encoding: .utf8)
        if python { try makeProgram("\(path)/bin/python") }
    }

    private func makeProgram(_ path: String) throws {
        try FileManager.default.createDirectory(
            atPath: (("\(root)/\(path)") as NSString).deletingLastPathComponent,
            withIntermediateDirectories: true)
        try "#!/bin/sh\n".write(toFile: "\(root)/\(path)", atomically: true, encoding: .utf8)
        try FileManager.default.setAttributes(
            [.posixPermissions: 0o755], ofItemAtPath: "\(root)/\(path)")
    }

    private func locate(
        _ environment: PythonEnvironment, variables: [String: String] = [:],
        in folder: String = "project/deep"
    ) throws -> EnvironmentLocator.Choice {
        let context = ProcessContext(
            variables: ["PATH": root + "/commands", "HOME": root].merging(variables) { $1 },
            workingDirectory: "\(root)/\(folder)", programDirectory: root)
        return try EnvironmentLocator(context).locate(environment)
    }

    private func problem(
        _ environment: PythonEnvironment, variables: [String: String] = [:]
    ) -> EnvironmentError? {
        do {
            _ = try locate(environment, variables: variables)
        } catch ProxyError.environment(let error) {
            return error
        } catch {
            Issue.record("\(error)")
        }
        return nil
    }

    @Test func automaticPrefersTheActiveEnvironmentThenTheNearestThenCondaThenPath() throws {
        try withFolders {
            try makeProgram("commands/python3")
            #expect(try locate(.automatic).interpreter == root + "/commands/python3")
            try makeEnvironment("conda")
            let conda = ["CONDA_PREFIX": root + "/conda"]
            #expect(
                try locate(.automatic, variables: conda).interpreter == root + "/conda/bin/python")
            try makeEnvironment("project/.venv")
            #expect(
                try locate(.automatic, variables: conda).interpreter
                    == root + "/project/.venv/bin/python")
            try makeEnvironment("active")
            let active = conda.merging(["VIRTUAL_ENV": root + "/active"]) { $1 }
            let choice = try locate(.automatic, variables: active)
            #expect(choice.interpreter == root + "/active/bin/python")
            #expect(choice.reason.contains("VIRTUAL_ENV"))
        }
    }

    @Test func anEnvironmentIsNamedByFolderInterpreterOrCommand() throws {
        try withFolders {
            try makeEnvironment("project/deep/env")
            try makeProgram("commands/python3.12")
            let expected = root + "/project/deep/env/bin/python"
            #expect(try locate("env").interpreter == expected)
            #expect(try locate("./env").interpreter == expected)
            #expect(try locate("env/bin/python").interpreter == expected)
            #expect(try locate("~/project/deep/env").interpreter == expected)
            #expect(try locate("python3.12").interpreter == root + "/commands/python3.12")
        }
    }

    @Test func eachProblemNamesTheThingAndTheRemedy() throws {
        try withFolders {
            try makeEnvironment("empty", python: false)
            try makeEnvironment("dangling", python: false)
            try FileManager.default.createSymbolicLink(
                atPath: root + "/dangling/bin/python", withDestinationPath: "/gone/python3.11")
            try makeEnvironment("outer/.venv")
            try "text".write(toFile: root + "/file", atomically: true, encoding: .utf8)
            let cases: [(PythonEnvironment, EnvironmentError.Problem, String)] = [
                ("nowhere/venv", .notFound, "nowhere/venv"),
                ("python9.9", .notFound, "python9.9"),
                ("", .notFound, ".automatic"),
                (.automatic, .notFound, "python3 -m venv"),
                ("../../project", .notAnEnvironment, "pyvenv.cfg"),
                ("~/outer", .notAnEnvironment, "did you mean"),
                ("~/empty", .notAnEnvironment, "bin/python"),
                ("~/dangling", .baseInterpreterGone, "/gone"),
                ("~/dangling/bin/python", .baseInterpreterGone, "/gone/python3.11"),
                ("~/file", .notPython, "not executable"),
            ]
            for (environment, kind, word) in cases {
                let error = problem(environment)
                #expect(error?.problem == kind, "\(environment)")
                #expect(
                    error?.description.contains(word) == true,
                    "\(environment): \(error?.description ?? "")")
            }
            let gone = problem(.automatic, variables: ["VIRTUAL_ENV": root + "/x"])
            #expect(gone?.problem == .notFound)
        }
    }

    /// Interpreters that answer, but cannot be served.
    @Test func interpretersThatCannotBeServedAreToldApart() throws {
        try withFolders {
            func fake(_ name: String, _ answer: [String: String]) throws -> String {
                let lines = answer.map { "\($0)\\t\($1)" }.joined(separator: "\\0")
                let file = "\(root)/commands/\(name)"
                try FileManager.default.createDirectory(
                    atPath: root + "/commands", withIntermediateDirectories: true)
                // Written by another process: a file that this one has open for writing, even in a child
                // that another test has just forked, cannot be executed.
                let script =
                    "#!/bin/sh\necho a wrapper says this first\nprintf '\(lines)\\0end\\t\\0'"
                _ = try ShortProcess.run(
                    "/bin/sh",
                    ["-c", "printf '%s\\n' \"$1\" > \"$2\"; chmod +x \"$2\"", "sh", script, file],
                    variables: [:], directory: root, milliseconds: 10_000)
                return file
            }
            let usual = [
                "executable": "/x/python", "implementation": "cpython", "version": "3.12.1",
                "basePrefix": "/x",
            ]
            let cases: [(String, [String: String], EnvironmentError.Problem)] = [
                ("old", ["version": "3.10.13"], .tooOld),
                ("pypy", ["implementation": "pypy"], .notCPython),
                ("free", ["freeThreaded": "1"], .freeThreaded),
            ]
            let context = ProcessContext(
                variables: [:], workingDirectory: root, programDirectory: root)
            for (name, difference, kind) in cases {
                let file = try fake(name, usual.merging(difference) { $1 })
                let error = #expect(throws: ProxyError.self) {
                    try ResolvedEnvironment(PythonEnvironment(file), context)
                }
                guard case .environment(let environment) = error else {
                    Issue.record("\(name): \(String(describing: error))")
                    continue
                }
                #expect(environment.problem == kind)
            }
            let resolved = try ResolvedEnvironment(
                PythonEnvironment(try fake("static", usual)), context)
            #expect(resolved.embedding == .extensionModule)
        }
    }

    @Test func aProgramThatIsNoPythonIsNamed() throws {
        try withFolders {
            let context = ProcessContext(
                variables: [:], workingDirectory: root, programDirectory: root)
            for program in ["/bin/ls", "/bin/false", "/bin/echo"] {
                let error = #expect(throws: ProxyError.self) {
                    try ResolvedEnvironment(PythonEnvironment(program), context)
                }
                #expect("\(error.map { "\($0)" } ?? "")".contains(program))
            }
        }
    }

    // MARK: Named a little wrong

    @Test func aFolderInsideAnEnvironmentMeansTheEnvironment() throws {
        try withFolders {
            try makeEnvironment("venv")
            for folder in [
                "bin", "lib", "lib64", "lib/python3.12", "lib/python3.12/site-packages",
            ] {
                let path = "\(root)/venv/\(folder)"
                try FileManager.default.createDirectory(
                    atPath: path, withIntermediateDirectories: true)
                let choice = try locate(PythonEnvironment(path))
                #expect(choice.interpreter == root + "/venv/bin/python", "\(folder)")
            }
            // Not any folder that lies in one.
            try FileManager.default.createDirectory(
                atPath: root + "/venv/share/doc", withIntermediateDirectories: true)
            #expect(
                problem(PythonEnvironment(root + "/venv/share/doc"))?.problem == .notAnEnvironment)
        }
    }

    @Test func thePrefixOfAnInstallationIsAnInterpreter() throws {
        try withFolders {
            try makeProgram("opt/python/bin/python3")
            for folder in ["opt/python", "opt/python/bin"] {
                let choice = try locate(PythonEnvironment("\(root)/\(folder)"))
                #expect(choice.interpreter == root + "/opt/python/bin/python3")
            }
        }
    }

    @Test(.disabled(if: geteuid() == 0, "nothing is forbidden to the superuser"))
    func anInterpreterThatMayNotBeUsedIsNotSaidToBeGone() throws {
        try withFolders {
            try makeProgram("base/bin/python3")
            try makeEnvironment("venv", python: false)
            try FileManager.default.createSymbolicLink(
                atPath: root + "/venv/bin/python", withDestinationPath: root + "/base/bin/python3")
            chmod(root + "/base", 0)
            defer { chmod(root + "/base", 0o700) }
            let error = problem(PythonEnvironment(root + "/venv"))
            #expect(error?.description.contains("may not be used by this user") == true)
        }
    }

    @Test func aWrapperThatHangsIsWaitedForOnce() throws {
        try withFolders {
            let path = root + "/commands/slow"
            try makeProgram("commands/slow")
            try "#!/bin/sh\nexec sleep 3600\n".write(
                toFile: path, atomically: true, encoding: .utf8)
            try FileManager.default.setAttributes([.posixPermissions: 0o755], ofItemAtPath: path)
            let context = ProcessContext(
                variables: ["PATH": "/usr/bin:/bin"], workingDirectory: root,
                programDirectory: root)
            do {
                _ = try InterpreterProbe.facts(of: path, context: context, milliseconds: 200)
                Issue.record("the wrapper has answered")
            } catch ProxyError.environment(let error) {
                #expect(error.description.contains("did not say within 0.2 s which Python it is"))
            }
        }
    }

    @Test(arguments: [
        ("cv2", "opencv-python"), ("PIL", "pillow"), ("sklearn", "scikit-learn"),
        ("yaml", "PyYAML"), ("skimage", "scikit-image"), ("Bio", "biopython"),
        ("compas_cgal", "compas_cgal"),
    ])
    func aPackageHasItsNameOnTheIndex(package: String, distribution: String) {
        #expect(DistributionNames.distribution(of: package) == distribution)
    }
}
