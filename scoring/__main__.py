"""The engine on files alone: ``python -m scoring COMMAND``.

Commands: rank, allocate, agree, calibrate, robust, conflicts, assign, bundle, verify.

Exit codes: 0 done; 2 refused (one line on standard error); 3 too few experts for an assignment; 4 a bundle that does
not hold. Standard output carries the result and nothing else.
"""

from __future__ import annotations

import argparse
import gc
import os
import sys
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Final, NoReturn

from scoring import commands
from scoring.errors import ScoringError
from scoring.rounding import is_decimal

REFUSED: Final = 2
_MOST: Final = 10**9
_MOST_DRAWS: Final = 10**6
_LONGEST: Final = 40
_COMPETITION: Final = ("scores", "rules", "applications?")


class _Parser(argparse.ArgumentParser):
    """Answers a wrong command line with one line instead of a page."""

    def error(self, message: str) -> NoReturn:
        self.exit(REFUSED, f"{self.prog}: {message}\n")


def _between(least: int, most: int | None = None) -> Callable[[str], int]:
    """Make a reader of whole numbers inside bounds, so that a refusal names the option and the bounds."""

    def read(text: str) -> int:
        bounds = f"from {least}" if most is None else f"from {least} to {most}"
        if not (text.isascii() and text.isdigit() and len(text) <= _LONGEST and least <= int(text)) or (
            most is not None and int(text) > most
        ):
            raise argparse.ArgumentTypeError(f"must be a whole number {bounds}, not {text[:_LONGEST]!r}")
        return int(text)

    return read


def _seconds(text: str) -> float:
    if not is_decimal(text) or (value := float(text)) <= 0:
        raise argparse.ArgumentTypeError(f"must be a number above 0, not {text[:_LONGEST]!r}")
    return value


def _seed_text(text: str) -> str:
    """Read the announced text of a public draw, which anybody must be able to hash as UTF-8."""
    try:
        text.encode()
    except UnicodeEncodeError:
        raise argparse.ArgumentTypeError("is not UTF-8 text") from None
    if not text:
        raise argparse.ArgumentTypeError("must not be empty")
    return text


def _parser() -> argparse.ArgumentParser:
    parser = _Parser(prog="scoring", description="Rank applications, award money, check a published decision.")
    subparsers = parser.add_subparsers(dest="command", required=True, parser_class=_Parser)

    def command(name: str, text: str, *files: str, table: bool = True) -> argparse.ArgumentParser:
        one = subparsers.add_parser(name, help=text, description=text)
        for file in files:
            needed = not file.endswith("?")
            one.add_argument(f"--{file.rstrip('?')}", type=Path, required=needed, metavar="FILE")
        one.add_argument("-o", "--output", type=Path, metavar="FILE", help="write there instead of standard output")
        if table:
            one.add_argument("--csv", action="store_true", help="the main table as CSV")
        return one

    rank = command("rank", "Places from marks by the published rules.", *_COMPETITION)
    rank.add_argument("--explain", action="store_true", help="begin the steps with every expert and criterion")
    allocate = command("allocate", "Awards along a ranked list inside the funds.", "ranking", "rules")
    allocate.add_argument("--advice", action="store_true", help="add the optimum that the rule gives up")
    text = "order equal places at the cut by the public draw"
    allocate.add_argument("--draw-seed", type=_seed_text, metavar="TEXT", help=text)
    command("agree", "How far the experts agree (advice).", "scores", "rules")
    calibrate = command("calibrate", "Severity of experts and how sure places are (advice).", *_COMPETITION)
    calibrate.add_argument("--seed", type=_between(0), default=1, help="of the draws")
    calibrate.add_argument("--draws", type=_between(1, _MOST_DRAWS), default=4000)
    calibrate.add_argument("--prior", choices=("reml", "snsf"), default="reml")
    calibrate.add_argument("--top", type=_between(1, _MOST), metavar="K", help="count the draws with a rank up to K")
    text = "What would have to change for an award to change (advice)."
    command("robust", text, "scores", "rules", "applications")
    text = "The list with and without the marks of linked experts (advice)."
    conflicts = command("conflicts", text, "scores", "rules", "applications", "links")
    conflicts.add_argument("--seed", type=_between(0), default=1, help="of the exchanges, where there are too many")
    conflicts.add_argument("--draws", type=_between(1, _MOST_DRAWS), default=10_000)
    _add_assign(command("assign", "Experts for applications (advice).", "pairs", "experts?", "applications?"))
    command("bundle", "The public bundle.", "scores", "rules", "applications", "meeting?", table=False)
    verify = command("verify", "Recompute a public bundle.", table=False)
    verify.add_argument("bundle", type=Path, metavar="BUNDLE.json")
    return parser


def _add_assign(assign: argparse.ArgumentParser) -> None:
    assign.add_argument("--demand", type=_between(1, _MOST), required=True, help="experts per application")
    assign.add_argument("--max-load", type=_between(1, _MOST), required=True, help="applications per expert, at most")
    assign.add_argument("--min-load", type=_between(0, _MOST), default=0, help="applications per expert, at least")
    assign.add_argument("--objective", choices=("sum", "fair", "random"), default="sum")
    assign.add_argument("--q", type=float, default=0.5, help="random: highest probability of a pair")
    assign.add_argument("--seed", type=_between(0), default=1, help="random: seed of the draw")
    assign.add_argument("--seconds", type=_seconds, default=60.0, help="time limit of the search")
    assign.add_argument("--connected", action="store_true", help="prefer experts who can be compared")
    text = "share of the optimum that --connected may cost, 0.02 if not given"
    assign.add_argument("--connected-loss", type=float, default=0.02, metavar="SHARE", help=text)


def main(argv: Sequence[str] | None = None) -> int:
    """Run one command; return its exit code.

    Parameters
    ----------
    argv : sequence of str, optional
        Without the program's name; None takes the process's own.
    """
    options = _parser().parse_args(argv)
    os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")  # small matrices: threads cost more than they save
    collecting = gc.isenabled()
    gc.disable()  # one short computation over many small objects: collecting would cost a third of the time
    try:
        return commands.COMMANDS[options.command](options)
    except ScoringError as error:
        return _refuse(str(error))
    except MemoryError:
        return _refuse("not enough memory for so many draws, experts or applications")
    except BrokenPipeError:
        return REFUSED
    finally:
        if collecting:
            gc.enable()


def _refuse(told: str) -> int:
    if sys.stderr is not None:  # a caller closed it: the sentence must not go to standard output instead
        print(f"scoring: {told}", file=sys.stderr)
    return REFUSED


if __name__ == "__main__":
    sys.exit(main())
