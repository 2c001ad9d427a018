"""Whatever breaks an output or a folder, the run ends with a message and the right exit code."""

from __future__ import annotations

import os
import shlex
import subprocess
import sys
from pathlib import Path

import pytest

from tests.support.commandline import COMMAND, document, environment, lakewarden, write_lines

pytestmark = pytest.mark.opa

_RUN = shlex.join(map(str, COMMAND))


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Return a folder with an inventory, and a report of it."""
    write_lines(tmp_path / "lake.ndjson", document("orders"))
    lakewarden("evaluate", "--inventory", "lake.ndjson", "--report", "r.json", cwd=tmp_path)
    assert (tmp_path / "r.json").is_file()
    return tmp_path


def shell(folder: Path, line: str) -> subprocess.CompletedProcess[str]:
    """Run a line of a shell in which `L` is the command and `E` an evaluation."""
    evaluation = 'E() { L evaluate --no-gate --inventory lake.ndjson "$@"; }'
    script = f'L() {{ {_RUN} "$@"; }}; {evaluation}; {line}'
    return subprocess.run(
        ["/bin/bash", "-c", script],
        cwd=folder,
        env=environment(folder),
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )


@pytest.mark.parametrize(
    ("line", "code", "output"),
    [
        ("E > /dev/full", 4, "standard output: can't be written: No space left"),
        ("L report r.json > /dev/full", 4, "standard output: can't be written"),
        ("L report r.json --format html > /dev/full", 4, "standard output: can't be written"),
        ("L policies list > /dev/full", 4, "standard output: can't be written"),
        ("L --version > /dev/full", 4, "standard output: can't be written"),
        ("L collect --source demo:demo > /dev/full", 4, "standard output: can't be written"),
        ("E --report json=/dev/full", 4, "/dev/full: can't be written: No space left"),
        (
            "(export PYTHONDONTWRITEBYTECODE=1; ulimit -f 8; L report r.json -o new.html)",
            4,
            "File too large",
        ),
        ("E --report json=absent/r.json", 2, "absent/r.json: can't be written"),
        ("E --save-inventory absent/i", 2, "absent/i: can't be written"),
        ("E --report json=lake.ndjson/r", 2, "Not a directory"),
        ("E --report html=.", 2, "can't be written: Is a directory"),
        (f"E --report {'x' * 256}.html", 2, "File name too long"),
        ("mkdir gone; cd gone; rmdir ../gone; E", 2, "doesn't exist any more"),
        ("L report r.json -o absent/r.html", 2, "can't be written"),
        ("L report r.json --format template:absent.j2 -o new", 2, "absent.j2: the template can't"),
        ("echo '{{ x }}' > t.j2; L report r.json --format template:t.j2", 2, "t.j2:1: the templ"),
        ("touch t.j2; L report r.json --format template:t.j2 -o t.j2", 2, "overwrite the template"),
        ("touch t.j2; E --report template:t.j2=t.j2", 2, "would overwrite the template t.j2"),
        ("ln r.json hard.json; L report r.json -o hard.json", 2, "would overwrite the report"),
        ("ln -s r.json s.json; E --previous r.json --report s.json", 2, "would overwrite"),
        ("E --report new.html >> new.html", 2, "would both go to"),
        ("L evaluate --inventory - --report json=lake.ndjson < lake.ndjson", 2, "would overwrite"),
        ("LAKEWARDEN_CACHE_DIR=/dev/null/x L demo", 4, "can't be made"),
    ],
)
def test_a_broken_output_is_a_message(folder: Path, line: str, code: int, output: str) -> None:
    before = {each.name: each.read_bytes() for each in folder.iterdir() if each.is_file()}
    ended = shell(folder, line)
    assert (ended.returncode, "Traceback" in ended.stderr) == (code, False), ended.stderr
    assert output in ended.stderr
    assert ended.stderr.count("error: ") == 1, ended.stderr
    for name, content in before.items():
        assert (folder / name).read_bytes() == content
    assert not list(folder.glob(".*.partial"))


def test_one_report_that_fails_leaves_the_others_whole(folder: Path) -> None:
    (folder / "kept.txt").write_text("before")
    (folder / "wrong.j2").write_text("{% for t in tables %}{{ t.nothing }}{% endfor %}")
    (folder / "count.j2").write_text("{{ tables|length }} table\n")
    ended = shell(
        folder,
        "E --report ndjson=/dev/full --report template:wrong.j2=kept.txt --report a.csv"
        " --report b.csv --report c.xml --report template:count.j2=-",
    )
    assert ended.returncode == 2, "the template's error decides"
    assert "wrong.j2:1: the template can't be used" in ended.stderr
    assert "/dev/full: can't be written" in ended.stderr, "the other isn't forgotten"
    assert ended.stdout == "1 table\n", "a report on standard output is alone there"
    assert (folder / "kept.txt").read_text() == "before"
    assert (folder / "a.csv").read_bytes() == (folder / "b.csv").read_bytes()
    assert (folder / "a.csv").read_bytes().endswith(b"\r\n")
    assert (folder / "c.xml").read_text().endswith("</testsuites>\n")
    alone = shell(folder, "L report r.json --format azure")
    assert alone.stdout.startswith("##[group]Lakewarden\n")
    assert alone.stdout.endswith("##vso[task.complete result=Failed;]\n")


@pytest.mark.parametrize("line", ["E >&-", "E 2>&-", "E >&- 2>&-", "E <&- >&- 2>&-", "E | true"])
def test_a_closed_stream_ends_quietly(folder: Path, line: str) -> None:
    ended = shell(folder, f"set -o pipefail; {line}")
    assert ended.returncode in (0, 141)
    assert "Traceback" not in ended.stderr
    assert "Exception" not in ended.stderr
    assert "error" not in ended.stderr


def test_a_stream_that_is_named_is_written_where_it_stands(folder: Path) -> None:
    ended = shell(
        folder, "echo before > log; E --report json=/dev/stdout >> log; echo after >> log"
    )
    assert ended.returncode == 0
    written = (folder / "log").read_text()
    assert written.startswith('before\n{"schema_version":1,')
    assert written.endswith("}\nafter\n")


def test_special_files_stay_what_they_are(folder: Path) -> None:
    os.mkfifo(folder / "pipe")
    ended = shell(folder, "cat pipe > copy & E --report json=pipe --report html=/dev/null; wait")
    assert ended.returncode == 0, ended.stderr
    assert (folder / "pipe").is_fifo()
    assert not Path("/dev/null").is_file()
    assert (folder / "copy").read_bytes().startswith(b'{"schema_version":1,')


def test_each_written_path_stands_alone_on_its_line(folder: Path) -> None:
    ended = shell(folder, "E --report a.html --report b.json")
    lines = ended.stdout.splitlines()
    assert str(folder / "a.html") in lines
    assert str(folder / "b.json") in lines
    assert shell(folder, "L report r.json -o c.html").stdout == f"{folder / 'c.html'}\n"


def test_a_thread_at_work_does_not_break_the_end(tmp_path: Path) -> None:
    """One that comes back from native code while Python shuts down aborts the process.

    It does so in about one of 25 runs whose output breaks while tables are read, so this looks for
    the shutdown.
    """
    program = """
import atexit, sys, threading, time
from lakewarden import __main__, cli

def broken():
    threading.Thread(target=time.sleep, args=[60], daemon=True).start()
    sys.exit(4)

atexit.register(print, "the interpreter shuts down")
cli.main = {"at work": broken, "at rest": lambda: sys.exit(4)}[sys.argv[1]]
__main__.main()
"""
    output = {}
    for case in ("at work", "at rest"):
        ended = subprocess.run(
            [sys.executable, "-c", program, case],
            cwd=tmp_path,
            env=environment(tmp_path),
            capture_output=True,
            text=True,
            timeout=60,
            check=False,
        )
        assert ended.returncode == 4, ended.stderr
        output[case] = ended.stdout
    assert output == {"at work": "", "at rest": "the interpreter shuts down\n"}


def test_a_quiet_run_is_one_line_wherever_a_report_goes(folder: Path) -> None:
    """For a person who wants the conclusion alone, and for a message that a script sends."""
    quiet = shell(folder, "E -q --no-what-if --report r2.json; E -q --no-what-if --report json=-")
    conclusion = "1 of 1 table breaks a mandatory policy."
    line, encoded = quiet.stdout.split("\n", 1)
    assert line.startswith(f"{conclusion} ")
    assert "this run would otherwise exit with 1" in line
    assert encoded.startswith('{"schema_version":1,')
    assert quiet.stderr == f"{line}\n"
