#!/bin/sh
# install.sh - installs into an empty directory and uses only the installed files
#
#   usage: install.sh BUILD-DIRECTORY
set -eu
prefix=$(mktemp -d)
trap 'rm -rf "$prefix"' EXIT
cmake --install "$1" --prefix "$prefix" >"$prefix/install.log"
chmod 755 "$prefix"
cd "$prefix"
failed=0

try() { # try SENTENCE COMMAND...
	sentence=$1
	shift
	if "$@" >try.log 2>&1; then
		echo "ok - $sentence"
	else
		echo "not ok - $sentence"
		cat try.log
		failed=1
	fi
}

prints() { # prints TEXT COMMAND...
	text=$1
	shift
	"$@" | grep -Fq -e "$text"
}

PATH=$prefix/bin:$prefix/sbin:$PATH
for program in diag-record diag-report diag-fold diag-flame; do
	try "$program is installed" [ "$(command -v "$program")" -ef "$(find "$prefix" -path "*bin/$program")" ]
	try "$program prints its version" prints "$program" "$program" --version
	try "$program prints its options" prints "--version" "$program" --help
	try "$program has a man page" prints "$program" man --local-file "share/man/man1/$program.1"
done
try "the format has a man page" prints "trailer" man --local-file share/man/man5/dz.5

PKG_CONFIG_PATH=$(dirname "$(find . -name dz.pc)")
export PKG_CONFIG_PATH
pkg_config="pkg-config --define-prefix"
cat >version.c <<'END'
#include <dz/reader.h>
#include <stdio.h>

int main(void)
{
	struct dz_source source = {0};
	(void)source;
	dz_reader_close(NULL);
	return printf("libdz %u.%u\n", DZ_VERSION_MAJOR, DZ_VERSION_MINOR) < 0;
}
END
# shellcheck disable=SC2046,SC2086 # options, to be split
try "a program compiles and links with the shared libdz" \
	cc version.c -o shared $($pkg_config --cflags --libs dz)
library=$(dirname "$(find . -name 'libdz.so' | head -n 1)")
try "it runs" env LD_LIBRARY_PATH="$library" ./shared
# shellcheck disable=SC2046,SC2086
try "a program compiles and links with the static libdz" \
	cc version.c -o static $($pkg_config --cflags dz) "$library/libdz.a" $($pkg_config --libs --static libzstd)
try "it runs by itself" ./static
find include/dz -name '*.h' | while read -r header; do
	echo "#include <dz/${header#include/dz/}>" >header.c
	# shellcheck disable=SC2046,SC2086
	try "<dz/${header#include/dz/}> stands alone" \
		cc -fsyntax-only -Wall -Wextra -Werror -xc header.c $($pkg_config --cflags dz)
	[ $failed -eq 0 ]
done || failed=1
exit $failed
