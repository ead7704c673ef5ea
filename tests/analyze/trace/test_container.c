/* tests/analyze/trace/test_container.c - containers, pods and units in the path of a control group
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <string.h>

#include "analyze/trace/container.h"

#define ID  "3f2a9c1b7d04aaaabbbbccccddddeeeeffff000011112222333344445555aaaa"
#define POD "5c1e2d7a-0000-1111-2222-333344445555"

static const struct {
	const char *path;
	const char *id, *runtime, *pod, *unit; /* NULL: none */
} paths[] = {
	{"/system.slice/docker-" ID ".scope", ID, "docker", NULL, NULL},
	{"/docker/" ID, ID, NULL, NULL, NULL},
	{"/kubepods/burstable/pod" POD "/" ID, ID, NULL, POD, NULL},
	{"/kubepods.slice/kubepods-burstable.slice/"
	 "kubepods-burstable-pod5c1e2d7a_0000_1111_2222_333344445555.slice/"
	 "cri-containerd-" ID ".scope",
	 ID, "containerd", POD, NULL},
	{"/machine.slice/crio-" ID ".scope", ID, "cri-o", NULL, NULL},
	{"/machine.slice/libpod-" ID ".scope/container", ID, "podman", NULL, NULL},
	{"/machine.slice/libpod-conmon-" ID ".scope", NULL, NULL, NULL,
	 "libpod-conmon-" ID ".scope"},
	{"/system.slice/docker-" ID ".scope/system.slice/nginx.service/", ID, "docker", NULL,
	 "nginx.service"},
	{"/docker/" ID "0", NULL, NULL, NULL, NULL},
	{"/user.slice/user-0.slice/session-1.scope", NULL, NULL, NULL, "session-1.scope"},
	{"/system.slice/.service", NULL, NULL, NULL, NULL},
	{"/", NULL, NULL, NULL, NULL},
	{"", NULL, NULL, NULL, NULL},
	{"pod", NULL, NULL, NULL, NULL},
};

static void assert_text(struct trace_text text, const char *expected)
{
	assert_int_equal(text.size, expected ? strlen(expected) : 0);
	if (expected)
		assert_memory_equal(text.bytes, expected, text.size);
}

static void paths_name_containers_pods_and_units(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof(paths) / sizeof(paths[0]); i++) {
		struct container found =
			container_find((struct trace_text){paths[i].path, strlen(paths[i].path)});

		assert_text(found.id, paths[i].id);
		assert_text(found.unit, paths[i].unit);
		assert_string_equal(found.pod, paths[i].pod ? paths[i].pod : "");
		if (paths[i].runtime)
			assert_string_equal(found.runtime, paths[i].runtime);
		else
			assert_null(found.runtime);
	}
}

static void an_id_is_known_by_its_first_digits(void **state)
{
	struct trace_text path = {paths[0].path, strlen(paths[0].path)};

	(void)state;
	assert_true(container_is_id("3f2a9c1b"));
	assert_true(container_is_id(ID));
	assert_false(container_is_id("3f2a9c1"));
	assert_false(container_is_id("3F2A9C1B"));
	assert_false(container_is_id("/3f2a9c1b"));
	assert_false(container_is_id(ID "0"));
	assert_true(container_has_id(path, "3f2a9c1b7d04"));
	assert_false(container_has_id(path, "9c1b7d04"));
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(paths_name_containers_pods_and_units),
		cmocka_unit_test(an_id_is_known_by_its_first_digits),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
