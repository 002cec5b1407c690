"""A cable net from COMPAS's sample data."""

import compas
from compas.datastructures import Mesh


def load(name):
    """The mesh of a sample file as a net.

    The net is anchored where only two cables meet: at the corners.
    """
    mesh = Mesh.from_obj(compas.get(name))
    index = {vertex: number for number, vertex in enumerate(mesh.vertices())}
    boundary = set(mesh.vertices_on_boundary())
    edges = list(mesh.edges())
    return {
        "vertices": [mesh.vertex_coordinates(vertex) for vertex in mesh.vertices()],
        "edges": [[index[u], index[v]] for u, v in edges],
        "anchors": [index[vertex] for vertex in mesh.vertices() if mesh.vertex_degree(vertex) == 2],
        "isBoundary": [u in boundary and v in boundary for u, v in edges],
    }
