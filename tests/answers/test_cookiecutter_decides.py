"""What cookiecutter decides before the template is asked: tested as it is, and named in docs/answers.md."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from cookiecutter.main import cookiecutter
from jinja2.exceptions import TemplateSyntaxError, UndefinedError

from support.baking import ROOT, SLUG, bake
from support.combinations import QUESTIONS
from support.commands import command, config_file
from support.literal_baking import replay_file


def bake_with_config(tmp_path: Path, **default_context: object) -> Path:
    """Bake the defaults of a user's configuration; return the project."""
    config = config_file(tmp_path, **default_context)
    out = tmp_path / "out"
    return Path(
        cookiecutter(str(ROOT), no_input=True, output_dir=str(out), config_file=str(config), accept_hooks=False)
    )


def test_a_choice_that_does_not_exist_ends_in_a_traceback(tmp_path: Path) -> None:
    """On the command line, by the function and by cruft: a ValueError that names question and choices."""
    message = r"^20 provided for choice variable node_version, but the choices are \['26', '24', '22'\]\.$"
    with pytest.raises(ValueError, match=message):
        bake(tmp_path / "out", node_version="20")
    assert not (tmp_path / "out").exists()


def test_a_bad_choice_in_a_configuration_is_a_warning_and_ends_the_reading_of_it(tmp_path: Path) -> None:
    """What stands after it in the file is lost, and the bake goes on with the template's defaults."""
    with pytest.warns(UserWarning, match="^Invalid default received: GPL provided for choice variable license"):
        project = bake_with_config(tmp_path, author="before", license="GPL", port="8080")
    assert "Copyright (c) before\n" in (project / "LICENSE").read_text()
    assert "MIT License" in (project / "LICENSE").read_text()
    assert "localhost:3000" in (project / "README.md").read_text()


def test_an_unknown_key_is_ignored(tmp_path: Path) -> None:
    """A misspelt question is no error."""
    assert bake(tmp_path, projectname="x", colour="blue").slug == SLUG


def test_answers_without_questions_are_rendered_as_jinja(tmp_path: Path) -> None:
    """Those of --no-input, of a configuration and of the function; then the rules apply to the result."""
    assert bake(tmp_path, project_name="{{ 7 * 7 }}").answers["project_name"] == "49"
    project = bake_with_config(tmp_path, author="{{ 6 * 7 }}")
    assert "Copyright (c) 42\n" in (project / "LICENSE").read_text()


def test_broken_jinja_in_such_an_answer_is_a_traceback(tmp_path: Path) -> None:
    """The template is not asked; nothing is written."""
    with pytest.raises(TemplateSyntaxError):
        bake(tmp_path / "out", project_name="{{ broken")
    assert not (tmp_path / "out").exists()


def test_typed_jinja_is_kept(tmp_path: Path) -> None:
    """A typed answer is text."""
    config = config_file(tmp_path)
    options = ("-o", str(tmp_path), "--config-file", config, "--accept-hooks", "no")
    status, _ = command(ROOT, *options, keys="{{ 7 * 7 }}\n" + "\n" * len(QUESTIONS))
    assert status == 0
    assert (tmp_path / "app-7-7/README.md").read_text().startswith("# {{ 7 \\* 7 }}\n")


def test_typed_answers_lose_the_blanks_around_them(tmp_path: Path) -> None:
    """Rich strips what is typed; given otherwise they are refused."""
    config = config_file(tmp_path)
    options = ("-o", str(tmp_path), "--config-file", config, "--accept-hooks", "no")
    status, _ = command(ROOT, *options, keys="  My Shop  \n" + "\n" * len(QUESTIONS))
    assert status == 0
    assert (tmp_path / "my-shop/README.md").read_text().startswith("# My Shop\n")


def test_numbers_in_a_configuration_become_text(tmp_path: Path) -> None:
    """As YAML reads them: 3.10 is 3.1."""
    project = bake_with_config(tmp_path, port=8080, node_version="22", author=3.10)
    assert "Copyright (c) 3.1\n" in (project / "LICENSE").read_text()
    assert "localhost:8080" in (project / "README.md").read_text()


@pytest.mark.parametrize("value", [None, True, {"a": "b"}])
@pytest.mark.parametrize("question", ["project_name", "author"])
def test_what_is_not_text_in_a_configuration_is_refused(question: str, value: object, tmp_path: Path) -> None:
    """By the template; cookiecutter passes on whatever YAML holds."""
    config = config_file(tmp_path, **{question: value})
    status, output = command(ROOT, "--no-input", "-o", tmp_path / "out", "--config-file", config)
    assert status == 1
    assert output.splitlines()[-1].startswith(f"{question}: ")
    assert output.endswith(" is refused: it must be text\n")
    assert not (tmp_path / "out").exists()


def test_a_list_in_a_configuration_becomes_its_first_item(tmp_path: Path) -> None:
    """Cookiecutter takes the list for choices."""
    project = bake_with_config(tmp_path, author=["first", "second"])
    assert "Copyright (c) first\n" in (project / "LICENSE").read_text()


def test_a_replay_file_goes_with_no_other_answers(tmp_path: Path) -> None:
    """Change the file, or answer again."""
    arguments = ("--no-input", "--replay", "-o", tmp_path / "out", "--config-file", config_file(tmp_path))
    status, output = command(ROOT, *arguments)
    assert status == 1
    assert output == "You can not use both replay and no_input or extra_context at the same time.\n"


def test_a_replay_file_that_lacks_a_private_key_is_a_traceback(tmp_path: Path) -> None:
    """One of an older version of the template: cookiecutter derives the key without the answers."""
    replay = replay_file(tmp_path / "replay.json")
    saved = json.loads(replay.read_text())
    del saved["cookiecutter"]["__ext"]
    replay.write_text(json.dumps(saved))
    with pytest.raises(UndefinedError, match="has no attribute 'language'"):
        cookiecutter(str(ROOT), replay=str(replay), output_dir=str(tmp_path / "out"))
    assert not (tmp_path / "out").exists()
