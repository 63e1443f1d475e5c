"""The measures that the budgets stand on see what they are there for."""

from __future__ import annotations

import pytest

from support.reading import folded_lines, functions, instructions, recipes, wide_lines, without_mounts

FOLDED = [
    "strip node; cp LICENSE usr/local/; \\",
    "a && b && c",
    "node --run build && find dist -type d -exec touch {} + \\",
    "&& chown node /app && mkdir /data",
    "if cmp a b; then echo same; exit 1; fi ;;",
    "docker=${DOCKER:-docker} port=${PORT:-3000} problems=0",
    'problem() { printf "%s" "$1" >&2; problems=1; [ "$mode" = full ] || exit 1; }',
    "if a; then b; else c; fi",
    'if [ -n "$x" ] && [ -f "$x" ]; then b; fi',
    "rm x; echo done",
    "remove) cp a b; npm uninstall c ;;",
    "\t@$(COMPOSE) down; $(COMPOSE) up",
]
PLAIN = [
    "if [ -f /run/ca ]; then export CA=/run/ca; fi; \\",
    '[ -n "$x" ] || exit 0',
    '[ -e "$x" ] && continue',
    "if build && (start); then",
    "[ -n \"$x\" ] || { echo 'Which one? a; b && c' >&2; exit 1; }",
    "*) echo 'Where to?' >&2; exit 1 ;;",
    "&& npm ci \\",
    "for base in $bases; do",
    "done; \\",
    'ok() { [ "$mode" = quick ] || printf \'%s\\n\' "$1"; }',
    "find . -name '*.node' | sort -u | while read -r file; do",
    "A=1 B=2 docker compose up",
    "A=1 B=2 \\",
    "echo 1 # a; b; c",
    "find . -exec ldd {} \\; 2>/dev/null",
]


@pytest.mark.parametrize("line", FOLDED)
def test_a_folded_line_is_seen(line: str) -> None:
    assert folded_lines(line) == [line]


@pytest.mark.parametrize("line", PLAIN)
def test_a_plain_line_is_not(line: str) -> None:
    assert folded_lines(line) == []


def test_width_knows_tables_and_addresses() -> None:
    wide, table, address = "x" * 101, f"| {'x' * 101} |", f"see https://example.com/{'x' * 101}"
    assert wide_lines(f"{wide}\n{table}\n{address}\n{'x' * 100}\n") == [wide]


def test_a_run_is_counted_without_its_mounts() -> None:
    dockerfile = (
        "FROM x\nRUN --mount=type=bind,source=a \\\n    --mount=type=secret,id=b \\\n    one \\\n    && two\nRUN c\n"
    )
    assert [len(without_mounts(run)) for run in instructions(dockerfile, "RUN")] == [2, 1]


def test_a_recipe_ends_where_the_next_rule_begins() -> None:
    makefile = "A := x\nbuild: base ## Build\n\t@one \\\n\t  two\n\t@three\n\nB = y\nimage-%: base\n\t@four\n"
    assert {target: len(lines) for target, lines in recipes(makefile).items()} == {"build": 3, "image-%": 1}


def test_functions_are_counted_with_what_they_hold() -> None:
    source = (
        "export function outer(a) {\n  const inner = () => {\n    f();\n  };\n  if (a) {\n    g();\n  }\n}\n"
        "app.get('/', (req, res) => {\n  res.send();\n});\n"
    )
    assert list(functions(source).values()) == [8, 3, 3]
    shell = "fail() {\n  echo no\n}\nfor x in 1; do\n  echo $x\ndone\n"
    assert functions(shell + "function f(a) {\n  return a\n}\n") == {"fail() {": 3, "function f(a) {": 3}
