/* tests/flame/tree/test_frame_name.c - frame_name.c and frame_type.c */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "flame/tree/frame_name.h"
#include "flame/tree/frame_type.h"

struct example {
	const char *from;
	const char *to; /* NULL: unchanged */
};

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

static void assert_cleaned(const struct example *examples, size_t count)
{
	for (size_t i = 0; i < count; i++) {
		const struct frame frame = {
			.name = examples[i].from,
			.size = strlen(examples[i].from),
		};
		struct frame_name name;
		bool changed = frame_name_may_change(&frame) && frame_name_clean(&frame, &name);

		assert_int_equal(changed, examples[i].to != NULL);
		if (!changed)
			continue;
		assert_int_equal(name.size, strlen(examples[i].to));
		assert_memory_equal(name.text, examples[i].to, name.size);
	}
}

static void names_of_rust_are_demangled_and_have_no_hash(void **state)
{
	static const struct example examples[] = {
		{"core::fmt::Write::write_str::h0123456789abcdef", "core::fmt::Write::write_str"},
		{"alloc::vec::Vec$LT$T$GT$::push::h0123456789abcdef", "alloc::vec::Vec<T>::push"},
		{"_$LT$app..Job$u20$as$u20$core..ops..Drop$GT$::drop::h0123456789abcdef",
		 "<app::Job as core::ops::Drop>::drop"},
		{"_ZN4core3fmt5Write9write_str17h0123456789abcdefE", "core::fmt::Write::write_str"},
		{"_RNvCs1234_7mycrate3foo", "mycrate::foo"},
		{"main::h0123", NULL},
		{"a::hash", NULL},
		{"_Raw", NULL},
	};

	(void)state;
	assert_cleaned(examples, COUNT(examples));
}

static void names_of_cpp_are_demangled(void **state)
{
	static const struct example examples[] = {
		{"_ZNSt6vectorIiE4sizeEv", "std::vector<int>::size()"},
		{"_ZN3foo3barEv", "foo::bar()"},
		{"_Z3bazi@plt", "baz(int)@plt"},
		{"_Z3bazi+0x12", "baz(int)+0x12"},
		{"_ZN3foo3barEv_[j]", "foo::bar()_[j]"},
		{"_Z", NULL},
		{"_Zone", NULL},
		{"_ZN3foo", NULL},
	};

	(void)state;
	assert_cleaned(examples, COUNT(examples));
}

static void descriptors_of_java_become_names(void **state)
{
	static const struct example examples[] = {
		{"Lcom/acme/App;::run", "com.acme.App.run"},
		{"Lcom/acme/App;.write(Ljava/io/File;JI)I",
		 "com.acme.App.write(java.io.File, long, int)"},
		{"Lcom/acme/App;::all([[ILjava/lang/String;[BZ)V",
		 "com.acme.App.all(int[][], java.lang.String, byte[], boolean)"},
		{"Lcom/acme/App;::none()V", "com.acme.App.none()"},
		{"Lcom/acme/App$In;::<init>", "com.acme.App$In.<init>"},
		{"Lcom/acme/App::run", "com.acme.App.run"},
		{"Lcom/acme/App;", "com.acme.App"},
		{"Lcom/acme/App;::bad(Q)V", NULL},
		{"Lcom/acme/App;::bad(Ljava/io", NULL},
		{"List::push", NULL},
		{"L7_handler", NULL},
		{"java/lang/Thread.run", NULL},
	};

	(void)state;
	assert_cleaned(examples, COUNT(examples));
}

static void the_core_of_a_name_is_its_function(void **state)
{
	static const struct example examples[] = {
		{"LazyCompile:~fib /tmp/f.js:1", "fib"},
		{"LazyCompile:*o.run file:///srv/a.js:3:7", "o.run"},
		{"LazyCompile:~ /tmp/f.js:1", "/tmp/f.js:1"},
		{"LazyCompile:~ ", "LazyCompile:~ "},
		{"JS:^processTicks node:internal/process:9:3", "processTicks"},
		{"Builtin:ArrayMap", "ArrayMap"},
		{"RegExp:^(\\w+) =", "RegExp:^(\\w+) ="},
		{"[App] Space.Program::Main(class System.String[])[Optimized]",
		 "Space.Program::Main(class System.String[])"},
		{"[App] Program::Run()[PreTier0]", "Program::Run()"},
		{"py::fib:/srv/app.py", "fib"},
		{"JS::Value::get", "JS::Value::get"},
		{"main", "main"},
		{"[unknown]", "[unknown]"},
		{"py::", "py::"},
	};

	(void)state;
	for (size_t i = 0; i < COUNT(examples); i++) {
		const char *name = examples[i].from;
		struct frame_name_core core = frame_name_core(name, strlen(name));

		assert_int_equal(core.size, strlen(examples[i].to));
		assert_memory_equal(name + core.start, examples[i].to, core.size);
	}
}

struct typed {
	const char *name;
	enum frame_type type;
};

static void a_name_without_a_module_implies_its_type(void **state)
{
	static const struct typed examples[] = {
		{"java/lang/Thread.run", FRAME_TYPE_JIT},
		{"java.util.HashMap.get", FRAME_TYPE_JIT},
		{"com.acme.App.main", FRAME_TYPE_JIT},
		{"com.acme.App.main(java.io.File, long)", FRAME_TYPE_JIT},
		{"com/acme/App$$Lambda$14/0x0000000800c03000.run", FRAME_TYPE_USER},
		{"net/http.HandlerFunc.ServeHTTP", FRAME_TYPE_USER},
		{"github.com/acme/app.(*Server).Run", FRAME_TYPE_USER},
		{"main.Server.Run", FRAME_TYPE_USER},
		{"LazyCompile:~fib /tmp/f.js:1", FRAME_TYPE_JIT},
		{"RegExp:^(\\w+) =", FRAME_TYPE_JIT},
		{"[App] Program::Main()[Tier1]", FRAME_TYPE_JIT},
		{"run (threading.py:12)", FRAME_TYPE_USER},
		{"bpf_prog_0123_xdp", FRAME_TYPE_KERNEL},
		{"[libfoo.so.1]", FRAME_TYPE_UNKNOWN},
		{"[unknown]", FRAME_TYPE_UNKNOWN},
		{"[vdso]", FRAME_TYPE_LIBRARY},
		{"[kernel.kallsyms]", FRAME_TYPE_KERNEL},
		{"work_[0]", FRAME_TYPE_JIT},
		{"work_[1]", FRAME_TYPE_JIT},
		{"read_[l]", FRAME_TYPE_LIBRARY},
		{"srv_[g]", FRAME_TYPE_GROUP},
		{"x_[u]", FRAME_TYPE_UNKNOWN},
	};

	(void)state;
	for (size_t i = 0; i < COUNT(examples); i++)
		assert_string_equal(frame_type_text(frame_type_of_name(examples[i].name,
								       strlen(examples[i].name))),
				    frame_type_text(examples[i].type));
}

static void a_module_sets_the_type(void **state)
{
	static const struct typed examples[] = {
		{"/tmp/perf-12.map", FRAME_TYPE_JIT},
		{"/tmp/jitted-12-3.so", FRAME_TYPE_JIT},
		{"[JIT] tid 12", FRAME_TYPE_JIT},
		{"/memfd:doublemapper", FRAME_TYPE_JIT},
		{"//anon", FRAME_TYPE_JIT},
		{"[anon:dalvik-jit-code-cache]", FRAME_TYPE_JIT},
		{"/srv/perf-tools/app", FRAME_TYPE_USER},
		{"/srv/jitted-app", FRAME_TYPE_USER},
		{"bpf_prog_0123456789abcdef_xdp", FRAME_TYPE_KERNEL},
		{"bpf_trampoline_6442", FRAME_TYPE_KERNEL},
		{"[nf_conntrack]", FRAME_TYPE_KERNEL},
		{"[guest.kernel.kallsyms]", FRAME_TYPE_KERNEL},
		{"/lib/modules/6.1/kernel/fs/ext4/ext4.ko.xz", FRAME_TYPE_KERNEL},
		{"[vdso]", FRAME_TYPE_LIBRARY},
		{"[vsyscall]", FRAME_TYPE_LIBRARY},
		{"/usr/lib/libc.so.6", FRAME_TYPE_LIBRARY},
		{"inlined", FRAME_TYPE_INLINED},
		{"/srv/inlined/app", FRAME_TYPE_USER},
		{"[unknown]", FRAME_TYPE_UNKNOWN},
		{"[heap]", FRAME_TYPE_USER},
	};

	(void)state;
	for (size_t i = 0; i < COUNT(examples); i++)
		assert_string_equal(frame_type_text(frame_type_of_module(examples[i].name,
									 strlen(examples[i].name))),
				    frame_type_text(examples[i].type));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(names_of_rust_are_demangled_and_have_no_hash),
		cmocka_unit_test(names_of_cpp_are_demangled),
		cmocka_unit_test(descriptors_of_java_become_names),
		cmocka_unit_test(the_core_of_a_name_is_its_function),
		cmocka_unit_test(a_name_without_a_module_implies_its_type),
		cmocka_unit_test(a_module_sets_the_type),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
