"""The command `completion`: the script that lets a shell ask what may be typed next.

Own scripts: shtab writes all words into the script, where names of the graph cannot stand, and
argcomplete completes one parser whose words are known, where here each question has parameters.
"""

import argparse
import re
import shlex

from sarcoma_kg.commands import console
from sarcoma_kg.commands.console import Command
from sarcoma_kg.ground import formats
from sarcoma_kg.ground.errors import UserError

__all__ = ["COMMANDS", "escaped"]

_BASH = """# sarcoma-kg completion bash >> ~/.bashrc
_sarcoma_kg() {
    local line
    COMPREPLY=()
    while IFS= read -r line; do
        COMPREPLY+=("$line")
    done < <("${1/#\\~/$HOME}" completion bash --line="${COMP_LINE:0:COMP_POINT}" \\
        --breaks="$COMP_WORDBREAKS" 2>/dev/null </dev/null)
}
complete -o default -F _sarcoma_kg sarcoma-kg
"""
_ZSH = """# sarcoma-kg completion zsh >> ~/.zshrc, after compinit
_sarcoma_kg() {
    local line before="${(j: :)words[1,CURRENT-1]} $QIPREFIX$PREFIX"
    local -a texts told
    while IFS= read -r line; do
        texts+=("${line%%$'\\t'*}")
        told+=("${line%%$'\\t'*} -- ${line#*$'\\t'}")
    done < <("${(Q)~words[1]}" completion zsh --line="$before" 2>/dev/null </dev/null)
    if (( ${#texts} )); then
        compadd -U -l -d told -a texts
    else
        _files
    fi
}
compdef _sarcoma_kg sarcoma-kg
"""
_FISH = """# sarcoma-kg completion fish > ~/.config/fish/completions/sarcoma-kg.fish
function __sarcoma_kg
    set -l program (commandline -opc)[1]
    set -l found ($program completion fish --line=(commandline -cp | string collect) 2>/dev/null </dev/null)
    if test (count $found) -gt 0
        printf '%s\\n' $found
    else
        __fish_complete_path (commandline -ct)
    end
end
complete -c sarcoma-kg -f -k -a '(__sarcoma_kg)'
"""  # noqa: E501
_SCRIPTS = {"bash": _BASH, "zsh": _ZSH, "fish": _FISH}


def _completion(args: argparse.Namespace) -> int:
    if args.line is None:
        console.out(_SCRIPTS[args.shell])
        return 0
    from sarcoma_kg.commands import candidates

    words, quote = _words(args.line)
    try:
        found = candidates.candidates(words[1:])
    except UserError:
        return 0  # there is nobody to tell
    current = words[-1]
    for candidate in found:
        if args.shell == "bash":
            # Bash exchanges no more than what follows the last of its breaks.
            breaks = [current.rfind(c) for c in args.breaks if c in ":=@"]
            cut = 0 if quote else 1 + max(breaks, default=-1)
            console.out(escaped(candidate.text[cut:], quote) + "\n")
        else:
            tells = " ".join(formats.printable(candidate.tells).split())
            console.out(f"{candidate.text}\t{tells}\n")
    return 0


def _words(line: str) -> tuple[list[str], str]:
    """Return the words of a line as a shell sees them, the last as far as it is typed.

    Returns:
        The words without quotes, and the quote that is still open in the last.
    """
    for quote in ("", "'", '"'):
        try:
            # Something stands after the last blank, so that a new word is one.
            words = shlex.split(f"{line}.{quote}")
        except ValueError:
            continue
        return [*words[:-1], words[-1][:-1]], quote
    return ["", ""], ""


def escaped(text: str, quote: str) -> str:
    """Return a word so that bash takes each character as it is."""
    if quote == "'":
        return text.replace("'", "'\\''")
    return re.sub(r'([\\$`"])' if quote else r"([^\w.:/=+,@%-])", r"\\\1", text)


def _shell(sub: argparse.ArgumentParser) -> None:
    sub.add_argument("shell", choices=tuple(_SCRIPTS), metavar="SHELL", help="bash, zsh or fish")
    # What the scripts ask: what may follow on this line.
    sub.add_argument("--line", help=argparse.SUPPRESS)
    sub.add_argument("--breaks", default="", help=argparse.SUPPRESS)


COMMANDS = {
    "completion": Command(
        _completion, "print the script with which a shell completes commands and names",
        "bash >> ~/.bashrc\n  sarcoma-kg completion zsh >> ~/.zshrc    # after compinit\n"
        "  sarcoma-kg completion fish > ~/.config/fish/completions/sarcoma-kg.fish", [_shell],
    ),
}  # fmt: skip
