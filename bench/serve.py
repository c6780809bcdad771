"""Reynard's own server with the yardsticks beside it: `python -m bench.serve --port 8123 --workers 2`."""

import argparse
import os
import sys

if __name__ == "__main__":
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "bench.settings")
    from reynard.server import serve

    parser = argparse.ArgumentParser(prog="python -m bench.serve")
    parser.add_argument("--port", type=int, required=True)
    parser.add_argument("--workers", type=int, default=2)
    arguments = parser.parse_args()
    sys.exit(serve(host="127.0.0.1", port=arguments.port, workers=arguments.workers))
