"""Mail as a door: what comes in by it is read here, and calls the actions that the other doors call; what leaves by it
is handed to a mail server.
"""
