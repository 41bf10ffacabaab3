# unpack.sh ROOT RECORDS PACKAGE.deb...: the files into ROOT, the record for dpkg's database into ROOT and RECORDS; one line per package
# on standard output. What people read (manuals, translations) and libraries for static linking stay out.
set -eu
root=$1 records=$2
shift 2
newline='
'
for package; do
    stanza=$(dpkg-deb -f "$package")
    name=${stanza#Package: }
    name=${name%%"$newline"*}
    case $stanza in *"${newline}Multi-Arch: same"*)
        architecture=${stanza#*"${newline}Architecture: "}
        name=$name:${architecture%%"$newline"*} ;;
    esac
    dpkg-deb --ctrl-tarfile "$package" | tar -C "$root/var/lib/dpkg/info" -xpf - --no-same-owner --exclude=./control --transform "s,^\./,$name.,"
    dpkg-deb --fsys-tarfile "$package" | tar -C "$root" -xpvf - --no-same-owner \
        --exclude='./usr/share/doc/*' --exclude='./usr/share/man/*' --exclude='./usr/share/info/*' --exclude='./usr/share/locale/*' \
        --exclude='./usr/share/lintian/*' --exclude='./usr/lib/*/libpython3*.a' --exclude='./usr/lib/python3*/config-*/*.a' >"$records/$name.files"
    sed 's,^\.,,; s,/$,,; s,^$,/.,' "$records/$name.files" >"$root/var/lib/dpkg/info/$name.list"
    rm "$records/$name.files"
    printf '%s\nStatus: install ok unpacked\n\n' "$stanza" >"$records/$name.stanza"
    echo "$name"
done
