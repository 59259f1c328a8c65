"""Command lines: wrong arguments are a Failure like any other."""

import argparse

from failure import USAGE, Failure


class Parser(argparse.ArgumentParser):
    """`about` is printed as it is: the text of a tool's module is its manual."""

    def __init__(self, prog, about):
        super().__init__(prog=prog, description=about, formatter_class=argparse.RawDescriptionHelpFormatter)

    def error(self, message):
        raise Failure(USAGE, f"{message}; see {self.prog} --help")


def positive(text):
    if not text.isdecimal() or int(text) < 1:
        raise argparse.ArgumentTypeError(f"'{text}' is not a positive whole number")
    return int(text)


def natural(text):
    if not text.isdecimal():
        raise argparse.ArgumentTypeError(f"'{text}' is not a whole number")
    return int(text)
