"""Mutants of the pipeline for GitLab: what is tested, released and signed."""

from __future__ import annotations

from mutants.mutant import Mutant

GITLAB = "project/.gitlab-ci.yml"
GITLAB_TESTS = "bake/test_gitlab.py::"

RELEASED = f"{GITLAB_TESTS}test_a_version_tag_becomes_an_image_that_was_tested_asked_and_signed"

MUTANTS = [
    Mutant(
        name="GitLab releases v1",
        file=GITLAB,
        old="/^v\\d+\\.\\d+\\.\\d+(-[0-9A-Za-z.-]+)?$/",
        new="/^v\\d/",
        test=f"{GITLAB_TESTS}test_which_jobs_an_event_starts",
        why="a tag that is moved would name another image tomorrow",
    ),
    Mutant(
        name="GitLab signs nothing",
        file=GITLAB,
        old='        cosign sign --yes "$image"\n',
        new="",
        test=RELEASED,
        why="nobody could tell the project's image from another",
    ),
    Mutant(
        name="GitLab signs a tag",
        file=GITLAB,
        old='cosign sign --yes "$image"',
        new='cosign sign --yes "$CI_REGISTRY_IMAGE:${CI_COMMIT_TAG#v}"',
        test=RELEASED,
        why="what is signed could be another image than the one that was pushed",
    ),
    Mutant(
        name="GitLab's SBOM is not attached",
        file=GITLAB,
        old='        cosign attest --yes --type cyclonedx --predicate sbom.cdx.json "$image"\n',
        new="",
        test=RELEASED,
        why="whoever uses the image could not see what is in it",
    ),
    Mutant(
        name="GitLab pushes before the SBOM is written",
        file=GITLAB,
        old="    - make sbom\n",
        new="",
        test=RELEASED,
        why="the release would end after the push, unsigned",
    ),
    Mutant(
        name="cosign is not installed on GitLab",
        file=GITLAB,
        old="apk add --no-cache bash cosign make",
        new="apk add --no-cache bash make",
        test=RELEASED,
        why="the release would end after the push, unsigned",
    ),
    Mutant(
        name="another GitLab signs, too",
        file=GITLAB,
        old='if [ "$CI_SERVER_HOST" = gitlab.com ]; then',
        new="if true; then",
        test=f"{GITLAB_TESTS}test_another_gitlab_signs_nothing_and_releases_all_the_same",
        why="each release of a company's own GitLab would be red after the push",
    ),
    Mutant(
        name="GitLab's release has no token to sign with",
        file=GITLAB,
        old="  id_tokens:\n    SIGSTORE_ID_TOKEN:\n      aud: sigstore\n",
        new="",
        test=f"{GITLAB_TESTS}test_only_the_release_can_sign",
        why="cosign would wait for somebody to log in by a browser",
    ),
    Mutant(
        name="GitLab's tests wait for young versions",
        file=GITLAB,
        old="npm ci --no-audit --min-release-age=0",
        new="npm ci --no-audit",
        test=f"{GITLAB_TESTS}test_the_commands_that_prove_a_change",
        why="a lockfile with an exception that was taken back would fail for a day",
    ),
    Mutant(
        name="GitLab pushes from every branch",
        file=GITLAB,
        old="  rules:\n    # Also v1.2.3-rc.1, but no +: tags of images know none.\n    - if: $CI_COMMIT_TAG =~ "
        "/^v\\d+\\.\\d+\\.\\d+(-[0-9A-Za-z.-]+)?$/\n",
        new="",
        test=f"{GITLAB_TESTS}test_which_jobs_an_event_starts",
        why="unfinished work would be published",
    ),
    Mutant(
        name="GitLab pushes every tag",
        file=GITLAB,
        old="$CI_COMMIT_TAG =~ /^v\\d+\\.\\d+\\.\\d+(-[0-9A-Za-z.-]+)?$/",
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
        test=f"{GITLAB_TESTS}test_a_version_tag_becomes_an_image_that_was_tested_asked_and_signed",
        why="versions are written without it everywhere else",
    ),
    Mutant(
        name="GitLab pushes an image that nobody asked",
        file=GITLAB,
        old="    - make run\n",
        new="",
        test=f"{GITLAB_TESTS}test_a_version_tag_becomes_an_image_that_was_tested_asked_and_signed",
        why="an image that does not become ready would be published",
    ),
    Mutant(
        name="GitLab's password on a command line",
        file=GITLAB,
        old='--password-stdin "$CI_REGISTRY"',
        new='--password "$CI_REGISTRY_PASSWORD" "$CI_REGISTRY"',
        test=f"{GITLAB_TESTS}test_a_version_tag_becomes_an_image_that_was_tested_asked_and_signed",
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
