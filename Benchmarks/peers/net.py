"""The net of the numerical row: 40 × 40 meshes, 1,681 vertices, anchored at its border's corners."""


def grid(meshes=40):
    n = meshes + 1
    vertices = [[float(x), float(y), 0.0] for x in range(n) for y in range(n)]
    edges = [[x * n + y, x * n + y + 1] for x in range(n) for y in range(meshes)]
    edges += [[x * n + y, (x + 1) * n + y] for x in range(meshes) for y in range(n)]
    fixed = [0, meshes, n * n - n, n * n - 1]
    q = [1.0] * len(edges)
    loads = [[0.0, 0.0, -0.01] for _ in vertices]
    return vertices, edges, fixed, q, loads
