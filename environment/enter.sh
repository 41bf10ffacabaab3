# Ways into the Debian root, for ordinary commands and for its own set-up. Sourced; expects $environment and $here.
#
# A door is: bwrap (this machine's bubblewrap), own-bwrap (the root's bubblewrap, through the root's loader, so that nothing
# need be installed), proot (the root's PRoot: slower, and needs no namespaces at all).

# own ROOT PROGRAM ARGUMENT...: a program of the root, run from outside of it
own() {
    _root=$1 _program=$1/usr/bin/$2
    shift 2
    for _loader in "$_root"/usr/lib64/ld-linux-*.so.* "$_root"/usr/lib/ld-linux-*.so.*; do [ -f "$_loader" ] && break; done
    for _libraries in "$_root"/usr/lib/*-linux-gnu; do [ -d "$_libraries" ] && break; done
    exec "$_loader" --library-path "$_libraries" "$_program" "$@"
}

# inside DOOR ROOT COMMAND...: as root of ROOT alone, where changing owners succeeds and does nothing, so that every file stays its
# maker's and can be deleted. Replaces the shell: call it in a subshell.
inside() {
    _door=$1 _root=$2 _bwrap=$(command -v bwrap)
    shift 2
    export PATH=/usr/sbin:/usr/bin HOME=/root LC_ALL=C.UTF-8 DEBIAN_FRONTEND=noninteractive
    unset LD_LIBRARY_PATH LD_PRELOAD PYTHONHOME PYTHONPATH PYTHONDONTWRITEBYTECODE TMPDIR
    if [ "$_door" = proot ]; then
        own "$_root" proot -0 -r "$_root" -b /dev -b /proc -b /sys -w / "$@"
    fi
    set -- --chdir / -- "$@"
    for _owner in /usr/bin/chown /usr/bin/chgrp /usr/sbin/shadowconfig; do
        [ ! -e "$_root$_owner" ] || set -- --ro-bind "$_root/usr/bin/true" "$_owner" "$@"
    done
    set -- --bind "$_root" / --dev-bind /dev /dev --bind /proc /proc --ro-bind /sys /sys --tmpfs /tmp "$@"
    [ "$(id -u)" = 0 ] || set -- --unshare-user --uid 0 --gid 0 "$@"
    case $_door in
        bwrap) exec "$_bwrap" "$@" ;;
        own-bwrap) own "$_root" bwrap "$@" ;;
    esac
}

no_way() {
    fail "this machine lets neither bubblewrap nor PRoot run; use conda (conda env create -f environment/conda.yml)" \
        "or Apptainer (environment/apptainer.def) instead."
}

# find_door ROOT: prints the first door that opens; fails if none does
find_door() {
    _bwrap=$(command -v bwrap)
    for _door in ${_bwrap:+bwrap} own-bwrap proot; do
        if (inside "$_door" "$1" /usr/bin/true) >>"$environment/log" 2>&1; then
            echo "$_door"
            return
        fi
    done
    return 1
}

# heeds_interrupt: would Ctrl-C end this shell? It does not where its parent ignores SIGINT, as for a background job of a script.
heeds_interrupt() {
    while read -r _name _mask; do
        [ "$_name" != SigIgn: ] || case $_mask in *[2367abef]) return 1 ;; esac
    done <"/proc/$$/status"
}

# enter COMMAND...: with this machine's files at their places, but /usr and /etc the root's. Replaces the shell.
enter() {
    root=$environment/root
    door=
    { read -r door <"$environment/door"; } 2>/dev/null
    _bwrap=$(command -v bwrap)
    [ "$door" != bwrap ] || [ -n "$_bwrap" ] || door=
    if [ -z "$door" ]; then
        door=$(find_door "$root") || no_way
        { echo "$door" >"$environment/door"; } 2>/dev/null || :
    fi

    PATH=/usr/bin:/bin
    PYTHONPATH=$here/solver
    CALFPUMP_INSIDE=$root
    # this machine's Python, compiler and MPI settings are not for the root's
    unset LD_LIBRARY_PATH LD_PRELOAD PYTHONHOME PYTHONDONTWRITEBYTECODE VIRTUAL_ENV CC CXX CFLAGS CPPFLAGS LDFLAGS PETSC_DIR PETSC_ARCH
    PYTHONNOUSERSITE=1
    : "${OMP_NUM_THREADS:=1}" "${LANG:=C.UTF-8}" "${UCX_LOG_LEVEL:=error}" "${OMPI_MCA_btl:=self,sm}"
    OMPI_ALLOW_RUN_AS_ROOT=1 OMPI_ALLOW_RUN_AS_ROOT_CONFIRM=1
    DPKG_ADMINDIR=$root/var/lib/dpkg
    export PATH PYTHONPATH CALFPUMP_INSIDE DPKG_ADMINDIR PYTHONNOUSERSITE OMP_NUM_THREADS LANG UCX_LOG_LEVEL OMPI_MCA_btl \
        OMPI_ALLOW_RUN_AS_ROOT OMPI_ALLOW_RUN_AS_ROOT_CONFIRM

    # Ctrl-C reaches the whole group of the terminal: the command heeds it, its doorkeeper stays until the command has ended
    if heeds_interrupt; then
        trap '' INT
        set -- env --default-signal=INT "$@"
    fi
    [ "$door" != proot ] || through_proot "$@"
    # put together from the last mount to the first
    set -- --chdir "$PWD" -- "$@"
    for _place in "$PWD" "$here" "$environment"; do
        case $_place in
            /usr/local/*) ;;
            /usr/* | /etc/*) # a folder that the root lacks, not /usr/share
                mkdir -p "$root$_place" && [ -z "$(ls -A "$root$_place")" ] && set -- --bind "$_place" "$_place" "$@" ;;
        esac
    done
    for _place in /usr/local/lib/python3.*; do [ ! -d "$_place" ] || set -- --tmpfs "$_place" "$@"; done
    [ ! -d /usr/local ] || set -- --bind /usr/local /usr/local "$@"
    for _file in passwd group hosts localtime resolv.conf pip.conf ssl/certs/ca-certificates.crt; do
        [ ! -f "/etc/$_file" ] || set -- --ro-bind "/etc/$_file" "/etc/$_file" "$@"
    done
    for _place in bin sbin lib lib64; do
        [ -L "/$_place" ] || [ ! -d "/$_place" ] || set -- --ro-bind "$root/usr/$_place" "/$_place" "$@"
    done
    set -- --dev-bind / / --ro-bind /sys /sys --ro-bind "$root/usr" /usr --ro-bind "$root/etc" /etc "$@"
    case $door in
        bwrap) exec "$_bwrap" "$@" ;;
        own-bwrap) own "$root" bwrap "$@" ;;
    esac
}

through_proot() {
    set -- -w "$PWD" "$@"
    for _file in passwd group hosts localtime resolv.conf pip.conf ssl/certs/ca-certificates.crt; do
        [ ! -f "/etc/$_file" ] || set -- -b "/etc/$_file" "$@"
    done
    for _place in bin sbin lib lib64; do
        [ -L "/$_place" ] || [ ! -d "/$_place" ] || set -- -b "$root/usr/$_place:/$_place" "$@"
    done
    [ ! -d /usr/local/share ] || set -- -b /usr/local/share "$@"
    own "$root" proot -b "$root/usr:/usr" -b "$root/etc:/etc" "$@"
}
