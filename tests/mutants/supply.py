"""Mutants of `make scan`, of the weekly scans, of the lines that check a release, and of the search for secrets."""

from __future__ import annotations

from mutants.mutant import Mutant

MAKEFILE = "project/Makefile"
SCRIPT = "project/scripts/scan.sh"
TESTS = "bake/test_scan.py::"
WORKFLOW = "project/.github/workflows/scan.yml"
WEEKLY = "bake/test_scan_workflow.py::"
GITLAB = "project/.gitlab-ci.yml"
SCHEDULED = "bake/test_gitlab.py::test_a_scheduled_scan_fails_for_what_is_new_only"
README = "project/README.md"
VERIFY = "bake/test_verify.py::"

SCAN = [
    Mutant(
        name="findings without an update stop everybody",
        file=SCRIPT,
        old=" --only-fixed",
        new="",
        test=f"{TESTS}test_what_the_scanner_is_given",
        why="a pipeline would be red for what nobody can fix",
    ),
    Mutant(
        name="the scanner mounts the project",
        file=SCRIPT,
        old='"$docker" create --name',
        new='"$docker" create --volume "$PWD:/scan" --name',
        test=f"{TESTS}test_what_the_scanner_is_given",
        why="an engine on another machine has no such folder",
    ),
    Mutant(
        name="a failed check for a newer database passes",
        file=SCRIPT,
        old="GRYPE_DB_REQUIRE_UPDATE_CHECK=true",
        new="GRYPE_DB_REQUIRE_UPDATE_CHECK=false",
        test=f"{TESTS}test_what_the_scanner_is_given",
        why="the scanner would not say why its database is out of reach",
    ),
    Mutant(
        name="a crash of the scanner is a finding",
        file=SCRIPT,
        old='[ "$status" = 2 ] && [ -n "$list" ]',
        new='[ "$status" = 2 ]',
        test=f"{TESTS}test_what_was_not_scanned_says_so",
        why="an empty list of findings would send people looking for them",
    ),
    Mutant(
        name="an image that was not scanned passes",
        file=SCRIPT,
        old='[ "$status" = 0 ] || fail',
        new='[ "$status" != 137 ] || fail',
        test=f"{TESTS}test_what_was_not_scanned_says_so",
        why="without its database every image would be without findings",
    ),
    Mutant(
        name="a word of the build is a finding",
        file="project/Makefile",
        old="| sort -u >&2",
        new="| sort -u",
        test="bake/test_scan.py::test_what_the_build_has_to_say_is_no_finding",
        why="the weekly job would open an issue about no vulnerability",
    ),
    Mutant(
        name="findings in the order of the day",
        file=SCRIPT,
        old="| sort -u)",
        new="| uniq)",
        test=f"{TESTS}test_findings_are_the_whole_output",
        why="the same findings would be new every week",
    ),
    Mutant(
        name="a sentence among the findings",
        file=SCRIPT,
        old='that an update would fix" >&2',
        new='that an update would fix"',
        test=f"{TESTS}test_nothing_found",
        why="the weekly job would take it for a finding",
    ),
    Mutant(
        name="the scanner does not know the company's CA",
        file=SCRIPT,
        old=" --env SSL_CERT_DIR=/scan/ca",
        new="",
        test=f"{TESTS}test_its_way_to_the_database",
        why="behind a company's CA it would never reach its database",
    ),
    Mutant(
        name="accepted findings come again",
        file=SCRIPT,
        old='if [ -f .grype.yaml ]; then cp .grype.yaml "$folder"; fi\n',
        new="",
        test=f"{TESTS}test_accepted_findings_are_given_too",
        why="one finding that does not concern a project would hide all others",
    ),
    Mutant(
        name="an interrupted scan leaves its container",
        file=SCRIPT,
        old="trap end EXIT\n",
        new="",
        test=f"{TESTS}test_nothing_is_left",
        why="each Ctrl-C would leave a container and an archive of the image",
    ),
    Mutant(
        name="a proxy's password on the scanner's command line",
        file=MAKEFILE,
        old="$(addprefix --env=,$(PROXIES) ",
        new="$(foreach p,$(PROXIES),--env=$p=$($p)) $(addprefix --env=,",
        test=f"{TESTS}test_its_way_to_the_database",
        why="every user of the machine could read it",
    ),
    Mutant(
        name="the scanner is emulated",
        file=MAKEFILE,
        old="image-scanner: override PLATFORM :=\n",
        new="",
        test=f"{TESTS}test_it_is_built_for_this_machine",
        why="a scan of an image for another processor would fail, or take for ever",
    ),
    Mutant(
        name="every build asks the mirror for the scanner",
        file=MAKEFILE,
        old="UNUSED := anchore/grype%\n",
        new="UNUSED :=\n",
        test="bake/test_make_build.py::test_a_mirror_serves_every_base_image",
        why="with a mirror that lacks the scanner nothing could be built",
    ),
    Mutant(
        name="the scanner comes past the mirror",
        file=MAKEFILE,
        old="image-scanner: UNUSED :=\n",
        new="",
        test="bake/test_make_build.py::test_a_mirror_serves_the_scanner",
        why="where Docker Hub is out of reach, `make scan` would be too",
    ),
]

WEEK = [
    Mutant(
        name="the same issue every week",
        file=WORKFLOW,
        old='          if [ "$last" = "$title" ]; then exit 0; fi\n',
        new="",
        test=f"{WEEKLY}test_findings_become_an_issue_once",
        why="people would stop reading them",
    ),
    Mutant(
        name="a closed issue is opened again",
        file=WORKFLOW,
        old="--state all",
        new="--state open",
        test=f"{WEEKLY}test_findings_become_an_issue_once",
        why="what was decided would be asked again every week",
    ),
    Mutant(
        name="anybody's issue silences the scan",
        file=WORKFLOW,
        old="author:app/github-actions ",
        new="",
        test=f"{WEEKLY}test_findings_become_an_issue_once",
        why="a stranger's issue with that title would hide what was found",
    ),
    Mutant(
        name="a week without a scan is green",
        file=WORKFLOW,
        old="|| test -s findings.txt",
        new="|| true",
        test=f"{WEEKLY}test_a_scan_that_could_not_run_is_red",
        why="nobody would see that nothing has been scanned for months",
    ),
    Mutant(
        name="the scan may write code",
        file=WORKFLOW,
        old="      contents: read\n",
        new="      contents: write\n",
        test=f"{WEEKLY}test_it_may_write_issues_and_nothing_else",
        why="a dependency's script in the build could push",
    ),
    Mutant(
        name="a week without a scan is green on GitLab",
        file=GITLAB,
        old="|| test -s found.txt",
        new="|| true",
        test=SCHEDULED,
        why="nobody would see that nothing has been scanned for months",
    ),
    Mutant(
        name="GitLab's scan fails every week",
        file=GITLAB,
        old="comm -13 before.txt findings.txt > new.txt",
        new="cp findings.txt new.txt",
        test=SCHEDULED,
        why="people would stop reading it",
    ),
    Mutant(
        name="GitLab's scan fails for what is fixed",
        file=GITLAB,
        old="comm -13 before.txt findings.txt > new.txt",
        new="cmp -s before.txt findings.txt || cp findings.txt new.txt; touch new.txt",
        test=SCHEDULED,
        why="whoever mends one of two findings would get a red pipeline for it",
    ),
    Mutant(
        name="GitLab forgets what a failed scan found",
        file=GITLAB,
        old="    when: always\n",
        new="",
        test=SCHEDULED,
        why="the job would fail every week for the same findings",
    ),
    Mutant(
        name="GitLab scans on every push",
        file=GITLAB,
        old='    - if: $CI_PIPELINE_SOURCE == "schedule"\n',
        new='    - if: $CI_PIPELINE_SOURCE != "schedule"\n',
        test="bake/test_gitlab.py::test_which_jobs_an_event_starts",
        why="a vulnerability found today would stop the repair of another",
    ),
]

RELEASES = [
    Mutant(
        name="a signature of another repository counts",
        file=README,
        old="'^https://github.com/OWNER/REPOSITORY/'",
        new="'^https://github.com/OWNER/REPOSITORY'",
        test=f"{VERIFY}test_the_signature_is_that_of_this_repositorys_workflow",
        why="whoever owns OWNER/REPOSITORY-two could sign in its place",
    ),
    Mutant(
        name="on GitLab, any issuer's signature counts",
        file=README,
        old="cosign verify $image --certificate-oidc-issuer https://gitlab.com ",
        new="cosign verify $image --certificate-oidc-issuer https://example.com ",
        test=f"{VERIFY}test_on_gitlab_that_of_this_projects_pipeline",
        why="who signs by another service could take the project's name",
    ),
    Mutant(
        name="an option that cosign does not have",
        file=README,
        old="  --certificate-identity-regexp '^https://github.com",
        new="  --certificate-identity-regex '^https://github.com",
        test=f"{VERIFY}test_each_tool_is_asked_about_the_image",
        why="the README's line would end with an error",
    ),
    Mutant(
        name="the release has no bill of materials",
        file="project/.github/workflows/ci.yml",
        old="          sbom: true\n",
        new="          sbom: false\n",
        test=f"{VERIFY}test_what_is_shown_is_what_the_release_writes",
        why="the README shows how to read it",
    ),
]

SECRETS = [
    Mutant(
        name="a token in the sources",
        file="tests/support/secrets/Dockerfile",
        old="# Looks for secrets",
        new="# ghp" + "_0a1B2c3D4e5F6g7H8i9J0k1L2m3N4o5P6q7R looks for secrets",
        test="docker/repository/test_secrets.py::test_none_in_this_repository",
        why="it would be public with the next push",
    ),
]

MUTANTS = [*SCAN, *WEEK, *RELEASES, *SECRETS]
