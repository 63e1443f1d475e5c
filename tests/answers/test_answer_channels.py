"""The same bad answers through every channel: one line, exit status 1, the output folder untouched.

The commands run in this process, which is faster; real ones, one of them in a terminal, stand at the end.
"""

from __future__ import annotations

import errno
import os
from collections.abc import Callable
from pathlib import Path

import pytest
from cookiecutter.exceptions import FailedHookException
from cookiecutter.main import cookiecutter
from cruft import create as cruft_create

from support.baking import (
    BIN,
    ROOT,
    copy_of_template,
    git_repository,
    not_on_windows,
    private_config,
    private_environment,
    run,
    tree,
)
from support.combinations import QUESTIONS
from support.commands import Ended, command, config_file
from support.literal_baking import replay_file
from support.odd_inputs import BAD_ANSWERS, OddAnswer

QUESTION_NAMES = list(QUESTIONS)
OPTIONS = {
    "plain": [],
    "overwriting": ["--overwrite-if-exists"],
    "without hooks": ["--accept-hooks", "no"],
    "skipping": ["--overwrite-if-exists", "--skip-if-file-exists", "--accept-hooks", "no"],
}


Channel = Callable[[OddAnswer, Path, Path, list[str]], Ended]


def typed(odd: OddAnswer, out: Path, tmp: Path, options: list[str]) -> Ended:
    """Accept the defaults up to the question, then type the answer."""
    keys = "\n" * QUESTION_NAMES.index(odd.question) + odd.value + "\n" * len(QUESTIONS)
    return command(ROOT, "-o", out, "--config-file", config_file(tmp), *options, keys=keys)


def no_input(odd: OddAnswer, out: Path, tmp: Path, options: list[str]) -> Ended:
    """Give the answer on the command line."""
    answer = f"{odd.question}={odd.value}"
    return command(ROOT, answer, "--no-input", "-o", out, "--config-file", config_file(tmp), *options)


def default_context(odd: OddAnswer, out: Path, tmp: Path, options: list[str]) -> Ended:
    """Have the answer in the user's configuration."""
    config = config_file(tmp, **{odd.question: odd.value})
    return command(ROOT, "--no-input", "-o", out, "--config-file", config, *options)


def replay(odd: OddAnswer, out: Path, tmp: Path, options: list[str]) -> Ended:
    """Have the answer in a replay file."""
    file = replay_file(tmp / "replay.json", **{odd.question: odd.value})
    return command(ROOT, "--replay-file", file, "-o", out, "--config-file", config_file(tmp), *options)


def api(odd: OddAnswer, out: Path, tmp: Path, options: list[str]) -> Ended:
    """Pass the answer to the Python function; its exception stands for the line and the status."""
    with pytest.raises(FailedHookException) as refusal:
        cookiecutter(
            str(ROOT),
            no_input=True,
            extra_context={odd.question: odd.value},
            output_dir=str(out),
            overwrite_if_exists="--overwrite-if-exists" in options,
            skip_if_file_exists="--skip-if-file-exists" in options,
            accept_hooks="no" not in options,
            default_config=private_config(tmp),
        )
    return Ended(1, f"{refusal.value}\n")


@pytest.fixture
def output_folder(tmp_path: Path) -> Path:
    """Return an output folder in which the project exists already, with work in it."""
    project = tmp_path / "out" / "node-multi-stage-app"
    project.mkdir(parents=True)
    (project / "package.json").write_text("mine")
    return project.parent


@pytest.mark.parametrize("options", OPTIONS.values(), ids=list(OPTIONS))
@pytest.mark.parametrize("channel", [typed, no_input, default_context, replay, api])
def test_bad_answers(channel: Channel, options: list[str], output_folder: Path, tmp_path: Path) -> None:
    """No channel and no option gets past the rules, and none shows anything but the line."""
    before = tree(output_folder)
    for odd in BAD_ANSWERS:
        status, output = channel(odd, output_folder, tmp_path, options)
        assert status == 1
        *questions, line = output.splitlines()
        # Rich leaves the cursor behind its last question.
        line = line[line.index(f"{odd.question}: ") :]
        assert odd.rule in line
        assert not questions or channel is typed
        assert "Traceback" not in output
        assert tree(output_folder) == before


def test_typed_answers_are_refused_before_the_next_question(tmp_path: Path) -> None:
    """At the question itself, not after all of them."""
    status, output = typed(OddAnswer("project_slug", "Shop"), tmp_path / "out", tmp_path, [])
    assert status == 1
    assert f"[2/{len(QUESTION_NAMES)}]" in output
    assert f"[3/{len(QUESTION_NAMES)}]" not in output


def test_a_typed_choice_that_does_not_exist_is_asked_again(tmp_path: Path) -> None:
    """Cookiecutter's own way with choices: a number from the list."""
    keys = "\n" * QUESTION_NAMES.index("license") + "GPL\n2\n" + "\n" * len(QUESTIONS)
    config = config_file(tmp_path)
    status, output = command(ROOT, "-o", tmp_path / "out", "--config-file", config, "--accept-hooks", "no", keys=keys)
    assert status == 0
    assert "select one of the available options" in output
    assert "Apache License" in (tmp_path / "out/node-multi-stage-app/LICENSE").read_text()


def test_a_replayed_choice_that_does_not_exist_is_refused(tmp_path: Path) -> None:
    """Cookiecutter does not check replay files at all."""
    status, output = replay(OddAnswer("node_version", "20"), tmp_path / "out", tmp_path, [])
    assert (status, output) == (1, "node_version: '20' is refused: it must be one of 26, 24, 22\n")
    assert not (tmp_path / "out").exists()


@pytest.fixture(scope="session")
def template_repository(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return the template as a git repository with one commit."""
    return git_repository(copy_of_template(tmp_path_factory.mktemp("repository")))


def test_bad_answers_through_cruft(template_repository: Path, output_folder: Path, tmp_path: Path) -> None:
    """By the function behind `cruft create`; the command follows."""
    before = tree(output_folder)
    for odd in BAD_ANSWERS:
        with pytest.raises(FailedHookException) as refusal:
            cruft_create(
                str(template_repository),
                output_dir=output_folder,
                config_file=config_file(tmp_path),
                extra_context={odd.question: odd.value},
                overwrite_if_exists=True,
            )
        assert str(refusal.value).startswith(f"{odd.question}: ")
        assert odd.rule in str(refusal.value)
        assert tree(output_folder) == before


def test_cruft_create_prints_one_line(template_repository: Path, tmp_path: Path) -> None:
    """Cruft catches no exception of its template, and still there is no traceback."""
    arguments = ("--no-input", "--extra-context", '{"port": "80"}', "--output-dir", "out")
    result = run("cruft", "create", template_repository, *arguments, cwd=tmp_path, home=tmp_path / "home")
    assert (result.returncode, result.stdout) == (1, "")
    assert result.stderr == ("port: '80' is refused: it must be a whole number from 1024 to 65535, written in digits\n")
    assert not (tmp_path / "out").exists()


@pytest.mark.parametrize("encoding", ["utf-8", "ascii", "cp1252"])
def test_the_real_command_prints_one_line_in_any_encoding(encoding: str, tmp_path: Path) -> None:
    """A console that cannot show a character must not turn the line into a traceback."""
    arguments = ("--no-input", "-f", "-o", "out", str(ROOT), "project_slug=\u0434\U0001f433")
    result = run("cookiecutter", *arguments, cwd=tmp_path, home=tmp_path / "home", PYTHONIOENCODING=encoding)
    assert (result.returncode, result.stderr) == (1, "")
    (line,) = result.stdout.splitlines()
    assert line.startswith("project_slug: '\u0434" if encoding == "utf-8" else "project_slug: '\\u0434")
    assert not (tmp_path / "out").exists()


@not_on_windows("pseudo-terminals of this kind")
def test_an_answer_typed_in_a_terminal(tmp_path: Path) -> None:
    """What a person at a keyboard sees: the line, below the question."""
    import pty

    arguments = ["cookiecutter", str(ROOT), "--output-dir", "out"]
    environment = private_environment(tmp_path / "home", TERM="dumb")
    pid, terminal = pty.fork()
    if pid == 0:
        try:
            os.chdir(tmp_path)
            os.execve(BIN / "cookiecutter", arguments, environment)  # noqa: S606
        finally:
            # This process is pytest's copy: it must not go on with the tests.
            os._exit(127)
    output = b""
    try:
        os.write(terminal, b"\nMy Shop\n")
        while chunk := os.read(terminal, 4096):
            output += chunk
    except OSError as error:
        if error.errno != errno.EIO:  # so Linux reports the end of a pseudo-terminal
            raise
    finally:
        os.close(terminal)
    assert os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1]) == 1
    text = output.decode()
    assert "project_slug: 'My Shop' is refused: it must have 2 to 50 of" in text
    assert "Traceback" not in text
    assert not (tmp_path / "out").exists()
