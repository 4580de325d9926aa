#!/usr/bin/env python3
"""Makes the man pages and the shells' completions, out of what the programs say of themselves.

    scripts/make-manual.py PROGRAMS OUTPUT

PROGRAMS is the folder with presence and presence-bridge. The pages of the programs are made from their
--help, the one of the configuration from bridge.conf, which the tests hold to the bridge's own list of
keys. OUTPUT gets man/*.[158] and completions/{bash,zsh,fish}/*. The pages are in the macros of man(7).
"""

import json
import os
import re
import subprocess
import sys
import textwrap
import time

ROOT = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))


def ask(program, *words):
    """What a program prints, however wide the terminal is."""
    environment = os.environ | {"LC_ALL": "C.UTF-8", "COLUMNS": "80"}
    answer = subprocess.run([program, *words], capture_output=True, text=True, env=environment)
    if answer.returncode != 0:
        sys.exit(f"{program} {' '.join(words)} ended with {answer.returncode}: {answer.stderr}")
    return answer.stdout


# --- roff ---------------------------------------------------------------------------------------


def escaped(text):
    """Text for a line of its own, or a part of one. A '-' can be searched for and copied."""
    return re.sub(r"^(?=[.'])", r"\\&", text.replace("\\", "\\e").replace("-", "\\-"), flags=re.M)


def bold(text):
    return f"\\fB{escaped(text)}\\fR"


def with_italic_placeholders(text):
    """Text in which what stands in angle brackets is italic: <word>."""
    return re.sub(r"<([^<>]+)>", r"\\fI\1\\fR", escaped(text))


def literal(lines):
    """Lines as they are, indented."""
    least = min(len(line) - len(line.lstrip()) for line in lines)
    return [".PP", ".RS 4", ".nf", *[escaped(line[least:]) for line in lines], ".fi", ".RE"]


def prose(text):
    """Paragraphs, with a blank line between two; indented ones are literal."""
    roff = []
    for paragraph in re.split(r"\n\s*\n", text.strip("\n")):
        lines = paragraph.split("\n")
        while lines:
            # What stands out of a paragraph, as an example does.
            indented = lines[0].startswith("  ")
            end = next((n for n, line in enumerate(lines) if line.startswith("  ") != indented), len(lines))
            if indented:
                roff += literal(lines[:end])
            else:
                roff += [".PP", escaped(" ".join(line.strip() for line in lines[:end]))]
            lines = lines[end:]
    return roff


def section(title, roff, macro="SH"):
    """A heading and what is below it, which needs no paragraph of its own to begin."""
    return [f'.{macro} "{escaped(title)}"', *(roff[1:] if roff[:1] == [".PP"] else roff)]


def subsection(title, roff):
    return section(title, roff, "SS")


def folded(roff):
    """The same with prose in lines that mandoc finds short (80 bytes), none of which begins as a macro does."""
    result, fills = [], True
    for line in roff:
        fills = line != ".nf" and (fills or line == ".fi")
        # What follows .TP is one line.
        if not fills or line.startswith(".") or result[-1] == ".TP":
            result.append(line)
        else:
            # A character outside ASCII is written for roff as an escape of nine characters, which mandoc counts.
            width = 79 if line.isascii() else 55
            lines = textwrap.wrap(line, width, break_long_words=False, break_on_hyphens=False)
            result += [re.sub(r"^(?=[.'])", r"\\&", each) for each in lines]
    return result


def page(name, number, version, sections):
    seconds = int(os.environ.get("SOURCE_DATE_EPOCH") or time.time())
    date = time.strftime("%Y-%m-%d", time.gmtime(seconds))
    title = f'.TH {name.upper()} {number} {date} "presence-bridge {version}" "Presence for MQTT"'
    # Names are not to be hyphenated.
    return "\n".join([title, ".nh", ".ad l", *folded(sections)]) + "\n"


# --- What a program says of itself --------------------------------------------------------------


class Command:
    """A command, or a command of a command, from its --help and the description beside it."""

    def __init__(self, program, *words):
        self.name = " ".join([os.path.basename(program), *words])
        self.about = json.loads(ask(program, *words, "--experimental-dump-help"))["command"]
        # How it is used stands in its help alone.
        usage = re.search(r"^USAGE: (.*?)\n\n", ask(program, *words, "--help"), re.M | re.S).group(1)
        self.usage = [re.sub(r"\s+", " ", line) for line in re.split(r"\n\s+(?=presence)", usage)]
        self.text = self.about.get("discussion", "")

    @property
    def abstract(self):
        """In the form of whatis(1): without a capital, and without a full stop."""
        abstract = self.about["abstract"].rstrip(".")
        return escaped(abstract[0].lower() + abstract[1:])

    def synopsis(self):
        usages = []
        for usage in self.usage:
            words = usage.split(" ")
            # The command is bold, up to the first word that stands for something.
            plain = next((n for n, word in enumerate(words) if not re.fullmatch(r"[a-z-]+", word)), len(words))
            usages.append(f"{bold(' '.join(words[:plain]))} {with_italic_placeholders(' '.join(words[plain:]))}".strip())
        return [line for usage in usages for line in (".br", usage)][1:]

    def options(self, heading=None, but=("help", "version")):
        roff = []
        for argument in self.about.get("arguments", []):
            value = argument.get("valueName", "")
            if argument.get("sectionTitle") != heading or value in but or not argument["shouldDisplay"]:
                continue
            if argument["kind"] == "positional":
                title = f"\\fI{escaped(value)}\\fR"
            else:
                names = [("--" if n["kind"] == "long" else "-") + n["name"] for n in argument["names"]]
                title = ", ".join(bold(name) for name in sorted(names, key=len))
                title += f" \\fI{escaped(value)}\\fR" if argument["kind"] == "option" else ""
            roff += [".TP", title, escaped(argument.get("abstract", ""))]
        return roff


def presence_page(program, version):
    root = Command(program)
    commands = [Command(program, each["commandName"]) for each in root.about["subcommands"] if each["commandName"] != "help"]
    title = f"presence \\- {root.abstract}"
    body = section("NAME", [title]) + section("SYNOPSIS", [f"{bold('presence')} \\fIcommand\\fR [\\fIargument\\fR ...]"])
    body += section("DESCRIPTION", prose(root.text))
    body += [".SH COMMANDS"]
    for command in commands:
        description = command.synopsis() + [".PP", escaped(command.about["abstract"])]
        body += subsection(command.name.split(" ")[1], description + prose(command.text) + command.options())
    body += section("CONNECTION", ["Each command takes these."] + commands[0].options("CONNECTION"))
    everywhere = [".TP", bold("-h") + ", " + bold("--help"), "Show help, of a command too.", ".TP", bold("--version"), "Show the version."]
    body += section("OPTIONS", everywhere)
    body += section("FILES", [".TP", "\\fI~/.config/presence.conf\\fR", "Where to connect and as whom."])
    body += section("SEE ALSO", [".BR presence\\-bridge (8),", ".BR mosquitto_pub (1)"])
    return page("presence", 1, version, body)


def bridge_page(program, version):
    root = Command(program)
    # The keys, which --help ends with, have a page of their own.
    text = re.split(r"\n\n(?=[^\n]+:\n  --)", root.text)[0]
    body = section("NAME", [f"presence\\-bridge \\- {root.abstract}"]) + section("SYNOPSIS", root.synopsis())
    body += section("DESCRIPTION", prose(text.replace("Every key below", "Every key of presence-bridge.conf(5)")))
    body += section("OPTIONS", root.options(but=("help",)) + [".TP", bold("-h") + ", " + bold("--help"), "Show help information, with every key."])
    body += [".SH COMMANDS"]
    for word in ("learn", "doctor", "token", "why", "cluster"):
        command = Command(program, word)
        description = command.synopsis() + [".PP", escaped(command.about["abstract"])]
        body += subsection(word, description + prose(command.text) + command.options(but=("help",)))
    files = [
        ("/etc/presence-bridge/bridge.conf", "The configuration of the service."),
        ("/etc/presence-bridge/password", "The password of the service at the broker; for root alone."),
        ("/var/lib/presence-bridge/presence.db", "The store of the service, with a journal and SQLite's own files beside it."),
    ]
    body += section("FILES", [line for path, what in files for line in (".TP", f"\\fI{escaped(path)}\\fR", what)])
    body += section("SEE ALSO", [".BR presence\\-bridge.conf (5),", ".BR presence (1),", ".BR mosquitto (8)"])
    return page("presence-bridge", 8, version, body)


# --- The configuration --------------------------------------------------------------------------


def uncommented(block):
    return "\n".join(line[1:].removeprefix(" ") for line in block.split("\n"))


def configuration_page(path, version):
    with open(path, encoding="utf-8") as file:
        blocks = re.split(r"\n\n+", file.read().strip("\n"))
    head = re.split(r"\n\n", uncommented(blocks[0]))
    body = section("NAME", ["presence\\-bridge.conf \\- the configuration of presence\\-bridge"])
    body += section("DESCRIPTION", prose("\n\n".join(head[1:])))
    for block in blocks[1:]:
        lines = uncommented(block).split("\n") if block.startswith("#") else block.split("\n")
        if lines[0].startswith("===="):
            body += section(lines[1].upper(), [])
            continue
        # The key stands last, at the start of a line, with or without the '#' of a default.
        last = block.split("\n")[-1]
        entry = re.fullmatch(r"#?([a-z][a-z_]*)( .*)?", last)
        if not entry:
            note = prose("\n".join(lines))
            body += note[1:] if body[-1].startswith(".SH") else note
            continue
        text = " ".join(line.removeprefix("# ") for line in block.split("\n")[:-1])
        meaning, facts = re.fullmatch(r"(.*) (Allowed: .*)", text).groups()
        body += [".TP", bold(entry.group(1)), escaped(meaning), ".br", escaped(facts)]
    body += section("FILES", [".TP", "\\fI/etc/presence\\-bridge/bridge.conf\\fR", "The configuration of the service."])
    body += section("SEE ALSO", [".BR presence\\-bridge (8),", ".BR mosquitto.conf (5)"])
    return page("presence-bridge.conf", 5, version, body)


# ------------------------------------------------------------------------------------------------


def write(path, text):
    os.makedirs(os.path.dirname(path), exist_ok=True)
    with open(path, "w", encoding="utf-8") as file:
        file.write(text)


def main():
    if len(sys.argv) != 3:
        sys.exit("usage: scripts/make-manual.py PROGRAMS OUTPUT")
    programs, output = sys.argv[1:]
    client, bridge = os.path.join(programs, "presence"), os.path.join(programs, "presence-bridge")
    version = ask(bridge, "--version").strip()
    write(f"{output}/man/presence.1", presence_page(client, version))
    write(f"{output}/man/presence-bridge.8", bridge_page(bridge, version))
    write(f"{output}/man/presence-bridge.conf.5", configuration_page(f"{ROOT}/bridge.conf", version))
    # The names under which each shell looks for them.
    for program in (client, bridge):
        name = os.path.basename(program)
        for shell, file in (("bash", name), ("zsh", f"_{name}"), ("fish", f"{name}.fish")):
            script = ask(program, "--generate-completion-script", shell)
            # A script that is sourced names no interpreter.
            write(f"{output}/completions/{shell}/{file}", re.sub(r"\A#!.*\n+", "", script))


main()
