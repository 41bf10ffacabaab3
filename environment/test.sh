# `./calfpump test [pytest arguments]`. Without arguments: the lints, then every test on all cores. Sourced by the launcher.

# with COMMAND...: in the environment, and back
with() {
    if [ -n "$python" ]; then "$@"; else (enter "$@"); fi
}

# add_test_packages: what Debian has of what only tests need, into the root
add_test_packages() {
    [ -z "$python" ] && ! cmp -s "$here/environment/test.txt" "$environment/tested" || return 0
    begin_making
    add_to "$environment/root" $(packages "$here/environment/test.txt")
    compile_python "$environment/root" hypothesis mypy.main pint pytest xdist
    cp "$here/environment/test.txt" "$environment/tested"
    end_making
}

# add_tools: a virtual environment above it with the linters, and with pytest where the Python is not the root's
add_tools() {
    ! cmp -s "$here/environment/test-venv.txt" "$environment/tools/made" || return 0
    begin_making
    say "fetching the linters ..."
    rm -rf "$environment/tools"
    with "${python:-python3}" -m venv --system-site-packages "$environment/tools" >>"$log" 2>&1 &&
        with "$environment/tools/bin/python" -m pip install -q --no-warn-script-location -r "$here/environment/test-venv.txt" \
            ${python:+hypothesis mypy pint pytest pytest-xdist} >>"$log" 2>&1 ||
        fail "pip could not install $here/environment/test-venv.txt ($log tells more)."
    cp "$here/environment/test-venv.txt" "$environment/tools/made"
    end_making
}

# prepare_tests: what only tests need; tester is the Python that has it
prepare_tests() {
    tester=/usr/bin/python3
    [ -z "${CALFPUMP_INSIDE:-}" ] || return 0
    . "$here/environment/make.sh"
    add_test_packages
    add_tools
    [ -z "$python" ] || tester=$environment/tools/bin/python
}

# prepare_pytest: the same without the linters
prepare_pytest() {
    tester=${python:-/usr/bin/python3}
    [ -z "${CALFPUMP_INSIDE:-}" ] || return 0
    . "$here/environment/make.sh"
    add_test_packages
    [ -z "$python" ] || "$python" -c 'import pytest' 2>/dev/null || prepare_tests
}

# lint NAME COMMAND...: silent if all is well
lint() {
    _name=$1
    shift
    _said=$(with "$@" 2>&1) && return
    printf '%s\n' "$_said"
    say "$_name found faults."
    faults=yes
}

run_tests() {
    prepare_tests
    cd "$here" || exit 4
    if [ $# -gt 0 ]; then
        with "$tester" -m pytest "$@"
        exit
    fi
    faults=
    lint ruff "$environment/tools/bin/ruff" check .
    lint import-linter "$environment/tools/bin/lint-imports"
    lint mypy "$tester" -m mypy
    [ -n "$faults" ] || say "ruff, import-linter and mypy found no faults."
    with "$tester" -m pytest -q -n "$(nproc)" --dist loadfile || exit
    [ -z "$faults" ] || exit 1
}
