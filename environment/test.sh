# `./calfpump test [pytest arguments]`. Without arguments: the lints, then every test on all cores. Sourced by the launcher.

# with COMMAND...: in the environment, and back
with() {
    if [ -n "$python" ]; then "$@"; else (enter "$@"); fi
}

# prepare_tests: what only tests need, into the root and into a virtual environment above it
prepare_tests() {
    [ -z "${CALFPUMP_INSIDE:-}" ] || return 0
    . "$here/environment/make.sh"
    cmp -s "$here/environment/test.txt" "$environment/tested" && cmp -s "$here/environment/test-venv.txt" "$environment/tools/made" && return
    begin_making
    if [ -z "$python" ] && ! cmp -s "$here/environment/test.txt" "$environment/tested"; then
        add_to "$environment/root" $(packages "$here/environment/test.txt")
        compile_python "$environment/root" hypothesis mypy.main pint pytest xdist
    fi
    if ! cmp -s "$here/environment/test-venv.txt" "$environment/tools/made"; then
        say "fetching the linters ..."
        rm -rf "$environment/tools"
        with "${python:-python3}" -m venv --system-site-packages "$environment/tools" >>"$log" 2>&1 &&
            with "$environment/tools/bin/python" -m pip install -q --no-warn-script-location -r "$here/environment/test-venv.txt" \
                ${python:+hypothesis mypy pint pytest pytest-xdist} >>"$log" 2>&1 ||
            fail "pip could not install $here/environment/test-venv.txt ($log tells more)."
        cp "$here/environment/test-venv.txt" "$environment/tools/made"
    fi
    cp "$here/environment/test.txt" "$environment/tested"
    end_making
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
    if [ -n "$python" ] && [ -z "${CALFPUMP_INSIDE:-}" ]; then tester=$environment/tools/bin/python; else tester=/usr/bin/python3; fi
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
