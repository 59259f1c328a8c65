"""How the tools fail: one line and the exit code that the programs use for it."""

import sys

USAGE, DATA, NO_INPUT, CANNOT_CREATE, IO, TOLERANCE, ENVIRONMENT = 64, 65, 66, 73, 74, 76, 78


class Failure(Exception):
    def __init__(self, code, text):
        super().__init__(text)
        self.code = code


def exit_code(tool, work):
    """Of a tool that does this work."""
    try:
        work()
    except Failure as failure:
        print(f"{tool}: error: {failure}", file=sys.stderr)
        return failure.code
    return 0
