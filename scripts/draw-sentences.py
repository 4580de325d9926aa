#!/usr/bin/env python3
"""Draws sentences of docs/protocol.md by a seed, to see whether the file that has each can be found by its name.

    scripts/draw-sentences.py SEED [COUNT]

For each sentence, name the file of Sources that you would open first, knowing the names of files alone
(git ls-files Sources), and look whether it is the right one. Where it is not, a name is wrong. Tables,
examples and headings are not drawn.
"""

import pathlib
import random
import re
import sys


def sentences(text):
    """The sentences of the prose, in order."""
    prose = [
        line
        for line in text.splitlines()
        if not line.startswith(("    ", "|", "#", "- [", "  ["))
    ]
    for paragraph in re.split(r"\n\s*\n|\n(?=- |\d+\. )", "\n".join(prose)):
        words = " ".join(paragraph.split()).removeprefix("- ")
        for sentence in re.split(r"(?<=[.!?)]) +(?=[A-Z(`*])", words):
            if len(sentence.split()) > 5 and not sentence.endswith(";"):
                yield sentence


def main():
    if len(sys.argv) not in (2, 3) or not all(each.isdecimal() for each in sys.argv[1:]):
        sys.exit(__doc__)
    page = pathlib.Path(__file__).resolve().parent.parent / "docs/protocol.md"
    found = list(sentences(page.read_text(encoding="utf-8")))
    count = int(sys.argv[2]) if len(sys.argv) == 3 else 10
    for number, sentence in enumerate(random.Random(int(sys.argv[1])).sample(found, count), 1):
        print(f"{number}. {sentence}")


main()
