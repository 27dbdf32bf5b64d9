"""The command line: python -m cnnviz [presets | knobs | describe | compare | draw | export | …]"""

import os
import sys
from functools import partial
from io import TextIOWrapper
from pathlib import Path

from cnnviz.command import app, parser
from cnnviz.knobs import SpecError
from cnnviz.text import ExplainedError


def main(arguments: list[str] | None = None) -> int:
    """Run one command; without arguments, the app.

    Returns:
        0 when it worked, 1 when something is unwell, 2 when the input was wrong, with a sentence;
        130 after Ctrl-C and 141 where the reader of the output has left, as shells expect.
    """
    arguments = sys.argv[1:] if arguments is None else arguments
    if isinstance(sys.stdout, TextIOWrapper):  # a file on Windows has no sign for → or 中
        sys.stdout.reconfigure(errors="backslashreplace")  # as that of errors does
    called = Path(sys.argv[0]).name
    options = parser("cnnviz" if called == "cnnviz" else "python -m cnnviz").parse_args(arguments)
    run = partial(options.run, options) if arguments else app.start
    try:
        code: int = run() or 0
        sys.stdout.flush()
        return code
    except BrokenPipeError:  # | head; what is left would be written at the end of the process
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 141
    except (SpecError, ExplainedError, OSError) as error:
        print(error, file=sys.stderr)
        return 2
    except ModuleNotFoundError as error:
        package = (error.name or "").partition(".")[0]
        if package in ("", "cnnviz"):
            raise
        print(f"This needs {package}: pip install 'cnnviz[app]'", file=sys.stderr)
        return 2
    except KeyboardInterrupt as interrupt:
        print(str(interrupt) or "Interrupted before the end.", file=sys.stderr)
        return 130


if __name__ == "__main__":
    sys.exit(main())
