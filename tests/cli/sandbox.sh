#!/bin/sh
# sandbox.sh - the built analysers are sandboxed: hostile input that controls them can do nothing
#
#   usage: sandbox.sh BUILD-DIRECTORY
set -eu
build=$(cd "$1" && pwd)
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"
failed=0
"$build/tests/make_scenario" deaths trace.dz
chmod 755 .

check() { # check WHAT CONDITION...
	what=$1
	shift
	if "$@"; then
		echo "ok - $what"
	else
		echo "not ok - $what"
		failed=1
	fi
}

trespass() { # trespass COMMAND...: prints the forbidden actions that succeed inside the process
	LD_PRELOAD=$build/tests/trespass.so "$@" >stdout 2>stderr </dev/null || true
	cat stderr
}

for program in diag-report diag-fold diag-flame; do
	check "$program allows none of the forbidden actions" [ "$(trespass "$build/bin/$program" trace.dz)" = trespassed ]
	"$build/bin/$program" --version -v >version
	check "$program prints its protection" grep -q '^sandbox: seccomp on, .*no new privileges on, capabilities none, not root$' version
done

echo 'a;b 3' | "$build/bin/diag-flame" - >picture.svg
check 'diag-fold allows none of them for a flame graph' [ "$(trespass "$build/bin/diag-fold" picture.svg)" = trespassed ]

# A large text is read by a second thread.
yes 'main;work;read_a_record 1' | head -n 300000 >large.folded
check 'diag-flame allows none of them in the thread that reads' \
	[ "$(TRESPASS_IN_THREAD=1 trespass "$build/bin/diag-flame" large.folded)" = trespassed ]

check 'diag-report allows none of them while it repairs' \
	[ "$(trespass "$build/bin/diag-report" --repair -o repaired.dz trace.dz)" = trespassed ]
check 'diag-report allows none of them while it scrubs' \
	[ "$(trespass "$build/bin/diag-report" --scrub -o scrubbed.dz trace.dz)" = trespassed ]

check 'diag-report allows none of them while it writes a page' \
	[ "$(trespass "$build/bin/diag-report" --html page.html trace.dz)" = trespassed ]

# Without a sandbox, the test must fail.
cat >control.c <<'END'
#include <unistd.h>
int main(void)
{
	char bytes[128];
	return (int)pread(0, bytes, sizeof(bytes), 0);
}
END
${CC:-cc} -o control control.c
check 'a program without a sandbox can open files' [ "$(trespass ./control | grep -c '^could open a file')" = 2 ]
exit $failed
