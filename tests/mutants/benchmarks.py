"""Mutants of the benchmark: what makes a limit held or missed, and which measurements stand side by side."""

from __future__ import annotations

from mutants.mutant import Mutant

INTERVALS = "benchmarks/intervals.py"
FIGURES = "benchmarks/figures.py"
SAMPLES = "benchmarks/samples.py"
CONDITIONS = "benchmarks/conditions.py"
TESTS = "benchmarks/test_intervals.py::"
ROUNDS = "benchmarks/test_benchmark.py::"
MEASURING = "benchmarks/test_measuring.py::"

MUTANTS = [
    Mutant(
        name="a limit is held although it lies inside the interval",
        file=INTERVALS,
        old="    if high <= limit:\n",
        new="    if low <= limit:\n",
        test=f"{TESTS}test_a_limit_is_held_or_missed_only_by_the_whole_interval",
        why="one lucky round would hold a limit",
    ),
    Mutant(
        name="what is unsettled is called missed",
        file=INTERVALS,
        old="    return False if low > limit else None\n",
        new="    return False\n",
        test=f"{TESTS}test_a_limit_is_held_or_missed_only_by_the_whole_interval",
        why="noise would be called a fault",
    ),
    Mutant(
        name="a limit from below is read as one from above",
        file=INTERVALS,
        old='    if kind == "at least":\n        low, high, limit = -high, -low, -limit\n',
        new="",
        test=f"{TESTS}test_a_limit_is_held_or_missed_only_by_the_whole_interval",
        why="the slowest service would hold every limit",
    ),
    Mutant(
        name="the interval is that of half of the resamples",
        file=INTERVALS,
        old="SHARE = 0.95\n",
        new="SHARE = 0.5\n",
        test=f"{TESTS}test_an_interval_has_the_share_that_it_promises",
        why="one verdict in two would be chance",
    ),
    Mutant(
        name="three rounds settle a limit",
        file=FIGURES,
        old="    enough = row.exact or len(rounds) >= FEWEST\n",
        new="    enough = row.exact or len(rounds) >= 3\n",
        test=f"{TESTS}test_few_rounds_settle_nothing_unless_the_value_has_no_noise",
        why="the lowest and the highest of three enclose the median in three cases of four",
    ),
    Mutant(
        name="the best peer is the one beside which ours looks best",
        file=FIGURES,
        old='    return max(able, key=lambda peer: row.statistic(rounds[peer]), default="")\n',
        new='    return min(able, key=lambda peer: row.statistic(rounds[peer]), default="")\n',
        test=f"{TESTS}test_the_best_peer_is_the_one_beside_which_ours_looks_worst",
        why="ours would be compared with the worst of them",
    ),
    Mutant(
        name="a peer of two lucky rounds is the best",
        file=FIGURES,
        old="if found and 2 * len(found) >= most]",
        new="if found]",
        test=f"{TESTS}test_the_best_peer_is_the_one_beside_which_ours_looks_worst",
        why="the quotient would be that of two rounds",
    ),
    Mutant(
        name="rounds of another run are paired with those that a variant missed",
        file=SAMPLES,
        old="                values += [None] * (self.earlier[measure] - len(values))\n",
        new="                pass\n",
        test=f"{ROUNDS}test_another_run_adds_rounds_after_those_that_a_variant_missed",
        why="a quotient would be of values that were measured an hour apart",
    ),
    Mutant(
        name="rounds of other files are added",
        file=CONDITIONS,
        old='SAME = ("measured files", "processor"',
        new='SAME = ("processor"',
        test=f"{ROUNDS}test_rounds_of_other_files_or_another_machine_are_not_added",
        why="a settled row would tell of code that is no more",
    ),
    Mutant(
        name="a busy machine is called quiet",
        file=CONDITIONS,
        old="            if spread > QUIET_SPREAD:\n",
        new="            if spread > 99:\n",
        test=f"{ROUNDS}test_a_busy_machine_is_named",
        why="nobody would measure again",
    ),
    Mutant(
        name="Windows' binaries are no foreign ones",
        file="benchmarks/sizes.py",
        old='not in ("", own):',
        new='not in ("", own, "Windows"):',
        test=f"{MEASURING}test_only_machine_code_of_packages_for_another_platform_is_foreign",
        why="an image of them would look clean",
    ),
    Mutant(
        name="who takes part again is paired with earlier rounds",
        file="benchmarks/builds.py",
        old='samples.begin_round("dependency_s")',
        new="samples.begin_round()",
        test=f"{ROUNDS}test_a_change_of_the_best_peer_leaves_every_value_in_its_round",
        why="a quotient would be of two moments of a machine",
    ),
    Mutant(
        name="a command that failed is a measurement",
        file="benchmarks/sizes.py",
        old="    if process.returncode:\n",
        new="    if False:\n",
        test=f"{MEASURING}test_an_archive_of_a_command_that_fails_is_no_result",
        why="half an image would be the smallest of all",
    ),
]
