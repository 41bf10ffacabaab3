# Makes the Debian root and adds packages to it. Sourced; expects $environment and $here.
#
# This machine's apt downloads, as whoever runs it; the packages are unpacked by tar on all cores at once and set up by their own dpkg inside
# the root. Every file belongs to its maker, nothing on the machine changes, and `rm -rf` takes all of it away.

# sid, to try what comes next, has its own root: CALFPUMP_ENVIRONMENT=… CALFPUMP_SUITE=sid
suite=${CALFPUMP_SUITE:-trixie}
debian=http://deb.debian.org/debian
need_megabytes=2500

# progress TOTAL WHAT: one line on a terminal that counts the lines of standard input
progress() {
    _count=0
    while read -r _; do
        _count=$((_count + 1))
        [ ! -t 2 ] || printf '\rcalfpump: %s: %d of %d \033[K' "$2" "$_count" "$1" >&2
    done
    [ ! -t 2 ] || printf '\r\033[K' >&2
}

# packages FILE: the names in a list, without its comments
packages() { sed 's/#.*//; /^[[:space:]]*$/d' "$1"; }

# ---- one launch at a time ----

process_start() { cut -d ' ' -f 22 "/proc/$1/stat" 2>/dev/null; }

lock() {
    _told=
    until (set -C && echo "$$ $(process_start $$) $(uname -n)" >"$environment/lock") 2>/dev/null; do
        _held=$(cat "$environment/lock" 2>/dev/null) || continue
        # shellcheck disable=SC2086
        set -- $_held
        if [ "${3:-}" = "$(uname -n)" ] && [ "$(process_start "$1")" != "$2" ] || [ -n "$(find "$environment/lock" -mmin +60 2>/dev/null)" ]; then
            # only one of several launches that see the stale lock can rename it
            mv "$environment/lock" "$environment/lock.stale.$$" 2>/dev/null && rm -f "$environment/lock.stale.$$"
            continue
        fi
        [ -n "$_told" ] || say "another launch (process ${1:-?}) is making the environment; waiting for it."
        _told=yes
        sleep 1
    done
    trap 'rm -f "$environment/lock"' EXIT
    trap 'exit 130' INT
    trap 'exit 143' TERM HUP
}
unlock() {
    rm -f "$environment/lock"
    trap - EXIT INT TERM HUP
}

# ---- apt of this machine, working for the root ----

write_apt_conf() {
    mkdir -p "$making/apt/etc/parts" "$making/apt/etc/keys" "$making/apt/state/lists/partial" "$making/apt/cache/archives/partial" "$making/apt/none/partial"
    {
        # a proxy of this machine's apt, and what else it knows of the way out
        (unset APT_CONFIG; apt-config dump) | grep -E '^Acquire::(https?::Proxy|Retries|Check-)' || :
        # a mirror of sid may be a snapshot, whose release file is out of date
        [ "$suite" != sid ] || echo 'Acquire::Check-Valid-Until "false";'
        cat <<-CONF
			Dir::State "$making/apt/state";
			Dir::State::status "$1/var/lib/dpkg/status";
			Dir::Cache "$making/apt/cache";
			Dir::Etc "$making/apt/etc";
			Dir::Etc::parts "parts";
			Dir::Etc::preferencesparts "parts";
			Dir::Etc::sourceparts "parts";
			Dir::Etc::trusted "none";
			Dir::Etc::trustedparts "keys";
			APT::Architecture "$(dpkg --print-architecture)";
			APT::Architectures "$(dpkg --print-architecture)";
			APT::Install-Recommends "false";
			APT::Sandbox::User "root";
			APT::Update::Error-Mode "any";
			Acquire::Languages "none";
			Debug::NoLocking "true";
		CONF
    } >"$making/apt.conf"
}

apt() { APT_CONFIG=$making/apt.conf apt-get -q -y "$@"; }

update_lists() {
    _keys=$(mktemp -d "$making/keys.XXXXXX")
    _mirror=$(. /etc/os-release && [ "$ID" = debian ] &&
        apt-get indextargets --format '$(ORIGIN) $(SITE)' 'Created-By: Packages' 2>/dev/null | sed -n 's/^Debian \(http.*\/debian\/*\)$/\1/p' | head -n 1)
    for _try in "${_mirror:-$debian}" "$debian"; do
        echo "deb $_try $suite main" >"$making/apt/etc/sources.list"
        cp /usr/share/keyrings/debian-archive-keyring.gpg "$making/apt/etc/keys/debian.gpg" 2>/dev/null && apt update >>"$log" 2>&1 && return
        # this machine's keyring may be older than the suite
        (cd "$_keys" && apt-get -q download debian-archive-keyring && dpkg-deb -x ./*.deb .) >>"$log" 2>&1 &&
            cp -L "$_keys"/usr/share/keyrings/debian-archive-keyring.gpg "$making/apt/etc/keys/debian.gpg" && apt update >>"$log" 2>&1 && return
    done
    fail "Debian's package lists did not come; is there a network? Run the same command again ($log tells more)."
}

# empty_packages FILE: records that enter packages as installed, with nothing in them; of several names in a line, the first that the suite has
empty_packages() {
    packages "$1" | while read -r _names; do
        for _name in $_names; do
            _record=$(APT_CONFIG=$making/apt.conf apt-cache show --no-all-versions "$_name" 2>/dev/null | sed -n '/^Package:/p; /^Version:/p; /^Architecture:/p')
            [ -z "$_record" ] || break
        done
        [ -z "$_record" ] || printf '%s\nStatus: hold ok installed\nMaintainer: calfpump\nDescription: left out of this root\n\n' "$_record"
    done
}

# ---- the steps ----

# add_to ROOT PACKAGE...
add_to() {
    _new=$1
    shift
    write_apt_conf "$_new"
    update_lists
    if [ ! -s "$_new/var/lib/dpkg/status" ]; then
        empty_packages "$here/environment/left-out.txt" >"$making/empty"
        cp "$making/empty" "$_new/var/lib/dpkg/status"
        set -- '?essential' "$@"
    fi

    apt -o "Dir::Cache::archives=$making/apt/none" --print-uris install "$@" >"$making/uris" 2>>"$log" ||
        fail "Debian has no consistent set of the packages in $here/environment/ ($log tells more)."
    sed -n "s/^'[^']*' \([^ ]*\.deb\) \([0-9]*\) .*/\1 \2/p" "$making/uris" >"$making/debs"
    _count=$(wc -l <"$making/debs")
    _size=$(awk '{ s += $2 } END { printf "%d", s / 1e6 }' "$making/debs")
    if [ "$_count" -gt 0 ]; then
        say "fetching $_count Debian packages, $_size MB ..."
        apt --download-only install "$@" 2>&1 | tee -a "$log" | grep --line-buffered '^Get:' | progress "$_count" fetching
        cut -d ' ' -f 1 "$making/debs" | while read -r _deb; do
            [ -f "$making/apt/cache/archives/$_deb" ] || exit 1
        done || fail "not all packages came; run the same command again, what came is kept ($log tells more)."

        say "unpacking them on $(nproc) cores ..."
        # what a killed launch left running may still write to its own records and root
        records=$making/records.$$
        mkdir -p "$records" "$_new/var/lib/dpkg/info"
        # base-files first: it makes /bin, /lib, /sbin links into /usr
        { grep '^base-files_' "$making/debs"; grep -v '^base-files_' "$making/debs"; } | cut -d ' ' -f 1 >"$making/order"
        (
            cd "$making/apt/cache/archives" &&
                { head -n 1 "$making/order" | xargs sh "$here/environment/unpack.sh" "$_new" "$records"; } &&
                sed 1d "$making/order" | xargs -P "$(nproc)" -n 4 sh "$here/environment/unpack.sh" "$_new" "$records"
        ) 2>>"$log" | progress "$_count" unpacking
        [ "$(find "$records" -name '*.stanza' | wc -l)" = "$_count" ] || fail "unpacking failed; is the disk full? ($log tells more)"
        record "$_new"
    fi
    set_up "$_new"
}

# record ROOT: the unpacked packages into dpkg's database, in place of older versions of theirs
record() {
    find "$records" -name '*.stanza' -exec cat {} + >"$making/status.new"
    awk -v RS= -v ORS='\n\n' 'NR == FNR { match($0, /Package: [^\n]*/); new[substr($0, RSTART, RLENGTH)] = 1; next }
        { match($0, /Package: [^\n]*/); if (!(substr($0, RSTART, RLENGTH) in new)) print }' \
        "$making/status.new" "$1/var/lib/dpkg/status" >"$making/status"
    cat "$making/status.new" >>"$making/status"
    mv "$making/status" "$1/var/lib/dpkg/status"
}

# set_up ROOT: the packages' own set-up scripts, without compiling every Python file: what is used is compiled after
set_up() {
    _door=$(find_door "$1") || no_way
    say "setting them up ..."
    : >>"$1/var/lib/dpkg/available"
    [ -e "$1/etc/passwd" ] || (inside "$_door" "$1" sh /var/lib/dpkg/info/base-passwd.preinst install) >>"$log" 2>&1
    [ ! -e "$1/usr/bin/py3compile" ] || mv "$1/usr/bin/py3compile" "$1/usr/bin/py3compile.later"
    (inside "$_door" "$1" sh -c '
        dpkg --force-unsafe-io --force-depends --configure base-passwd base-files libc6 perl-base mawk debconf
        dpkg --force-unsafe-io --configure -a && ldconfig') >>"$log" 2>&1 </dev/null || fail "Debian's packages could not be set up ($log tells more)."
    [ ! -e "$1/usr/bin/py3compile.later" ] || mv "$1/usr/bin/py3compile.later" "$1/usr/bin/py3compile"
    link_petsc "$1"
    # places for this machine's own files
    rm -f "$1/etc/localtime"
    mkdir -p "$1/etc/ssl/certs"
    for _file in hosts localtime pip.conf resolv.conf ssl/certs/ca-certificates.crt; do [ -e "$1/etc/$_file" ] || : >"$1/etc/$_file"; done
}

# link_petsc ROOT: the links by which Python finds PETSc and SLEPc; else the -dev packages make them, which are left out
link_petsc() {
    for _library in petsc slepc; do
        for _place in "$1/usr/lib/${_library}dir/$_library"*/*-real; do
            for _shared in "$1/usr/lib/"*"/lib${_library}_real.so".*.*.*; do
                ln -sfn "${_shared#"$1"}" "$_place/lib/lib${_library}_real.so"
            done
            ln -sfn "${_place#"$1"}" "$1/usr/lib/$_library"
        done
    done
}

# compile_python ROOT MODULE...: bytecode of all that importing these modules loads
compile_python() {
    _new=$1
    shift
    (inside "$(find_door "$_new")" "$_new" python3 -c 'import importlib, sys
for name in sys.argv[1:]: importlib.import_module(name)' "$@") >>"$log" 2>&1 || fail "the new environment does not work ($log tells more)."
}

# make_environment: the root that run.txt asks for, made aside and renamed; or, where an older one stands, with what it lacks added
make_environment() {
    if cmp -s "$here/environment/run.txt" "$environment/made"; then # only the date of the list is new
        touch "$environment/made" 2>/dev/null
        return
    fi
    for _tool in apt-get dpkg-deb tar awk xargs; do
        command -v "$_tool" >/dev/null || fail "no Python with dolfinx 0.9 or newer here, and without $_tool no Debian packages can be fetched;" \
            "use conda (conda env create -f environment/conda.yml) or Apptainer (environment/apptainer.def)."
    done
    begin_making
    if cmp -s "$here/environment/run.txt" "$environment/made"; then # by the launch that this one waited for
        :
    elif [ -d "$environment/root" ]; then
        add_to "$environment/root" $(packages "$here/environment/run.txt")
        cp "$here/environment/run.txt" "$environment/made"
    else
        _free=$(df -Pm "$environment" | awk 'NR == 2 { print $4 }')
        [ "$_free" -ge "$need_megabytes" ] || fail "$environment needs $need_megabytes MB of disk, $_free are free; name another folder in CALFPUMP_ENVIRONMENT."
        say "making the environment in $environment (once; about a minute) ..."
        : >"$log"
        rm -rf "$making"/root.* "$making"/records.*
        new=$making/root.$$
        mkdir -p "$new/var/lib/dpkg/info" "$new/var/lib/dpkg/updates" "$new/var/lib/dpkg/triggers"
        add_to "$new" $(packages "$here/environment/run.txt")
        compile_python "$new" dolfinx dolfinx.fem.petsc dolfinx.io gmsh h5py jinja2 matplotlib.pyplot meshio numba pandas petsc4py.PETSc pydantic \
            scipy.integrate scipy.interpolate scipy.optimize scipy.sparse scipy.spatial
        mv "$new" "$environment/root"
        cp "$here/environment/run.txt" "$environment/made"
    fi
    end_making
}

begin_making() {
    making=$environment/making log=$environment/log
    mkdir -p "$environment" 2>/dev/null && [ -w "$environment" ] || fail "cannot write $environment; name another folder in CALFPUMP_ENVIRONMENT."
    lock
}
end_making() {
    rm -rf "$making" 2>/dev/null || :
    unlock
}
