"""The Python half of the server.

The server carries these sources inside its binary and imports them from memory: nothing is
installed into the user's virtual environment. Only the standard library may be imported here.
"""
