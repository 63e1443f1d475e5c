"""Mutants of the pipeline for GitLab: what is tested, released and signed."""

from __future__ import annotations

from mutants.mutant import Mutant

GITLAB = "project/.gitlab-ci.yml"
GITLAB_TESTS = "bake/test_gitlab.py::"

MUTANTS = [
    Mutant(
        name="GitLab pushes from every branch",
        file=GITLAB,
        old="  rules:\n    - if: $CI_COMMIT_TAG =~ /^v\\d/\n",
        new="",
        test=f"{GITLAB_TESTS}test_which_jobs_an_event_starts",
        why="unfinished work would be published",
    ),
    Mutant(
        name="GitLab pushes every tag",
        file=GITLAB,
        old="$CI_COMMIT_TAG =~ /^v\\d/",
        new="$CI_COMMIT_TAG",
        test=f"{GITLAB_TESTS}test_which_jobs_an_event_starts",
        why="a tag such as `nightly` is no version",
    ),
    Mutant(
        name="GitLab pushes before the tests",
        file=GITLAB,
        old="stages: [test, release]",
        new="stages: [release, test]",
        test=f"{GITLAB_TESTS}test_nothing_is_pushed_when_the_tests_fail",
        why="a broken version would be published",
    ),
    Mutant(
        name="GitLab does not lint",
        file=GITLAB,
        old="    - node --run lint\n",
        new="",
        test=f"{GITLAB_TESTS}test_the_commands_that_prove_a_change",
        why="`make test` refuses what CI let pass",
    ),
    Mutant(
        name="GitLab runs no test",
        file=GITLAB,
        old="    - node --run test\n",
        new="",
        test=f"{GITLAB_TESTS}test_the_commands_that_prove_a_change",
        why="the pipeline would be green whatever the tests say",
    ),
    Mutant(
        name="GitLab's image keeps the v",
        file=GITLAB,
        old='TAG="${CI_COMMIT_TAG#v}"',
        new='TAG="$CI_COMMIT_TAG"',
        test=f"{GITLAB_TESTS}test_a_version_tag_becomes_an_image_that_was_tested_and_asked",
        why="versions are written without it everywhere else",
    ),
    Mutant(
        name="GitLab pushes an image that nobody asked",
        file=GITLAB,
        old="    - make run\n",
        new="",
        test=f"{GITLAB_TESTS}test_a_version_tag_becomes_an_image_that_was_tested_and_asked",
        why="an image that does not become ready would be published",
    ),
    Mutant(
        name="GitLab's password on a command line",
        file=GITLAB,
        old='--password-stdin "$CI_REGISTRY"',
        new='--password "$CI_REGISTRY_PASSWORD" "$CI_REGISTRY"',
        test=f"{GITLAB_TESTS}test_a_version_tag_becomes_an_image_that_was_tested_and_asked",
        why="every process of the runner could read it",
    ),
    Mutant(
        name="GitLab ignores a failed login",
        file=GITLAB,
        old='--password-stdin "$CI_REGISTRY"',
        new='--password-stdin "$CI_REGISTRY" || true',
        test=f"{GITLAB_TESTS}test_nothing_is_pushed_when_a_step_fails",
        why="the job would build for minutes before it fails",
    ),
    Mutant(
        name="GitLab cancels a release",
        file=GITLAB,
        old="release-image:\n  stage: release\n",
        new="release-image:\n  stage: release\n  interruptible: true\n",
        test=f"{GITLAB_TESTS}test_a_newer_push_ends_the_tests_of_an_older_one_but_never_a_release",
        why="a push that comes later would leave half a release",
    ),
    Mutant(
        name="GitLab tests on another Node",
        file=GITLAB,
        old="image: node:{{ cookiecutter.node_version }}-trixie",
        new="image: node:26-trixie",
        test=f"{GITLAB_TESTS}test_the_tests_run_on_the_node_that_was_chosen",
        why="what passes there need not run in the image",
    ),
]
