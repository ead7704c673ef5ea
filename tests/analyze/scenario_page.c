/* tests/analyze/scenario_page.c - traces for pages: hostile markup, and 100,000 events */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "tests/analyze/scenario.h"
#include <dz/enums.h>

#define ROUNDS     20000u /* five events each */
#define FUNCTIONS  500u
#define FRAMES     12u
#define LONG_BYTES 4096u

/* What a browser could take for markup, a script or a style; all of it is text. */
static const char *const markup[] = {
	"<script>document.title='taken'</script>",
	"</script><script>document.title='taken'</script>",
	"</title></style><img src=http://127.0.0.1:9/x onerror=document.title='taken'>",
	"\" onmouseover=\"document.title='taken'",
	"' autofocus onfocus='document.title=1'",
	"&lt;b&gt;&#x3c;i&#62;&amp;amp;",
	"]]><!-- --><![CDATA[",
	"javascript:document.title='taken'",
	"\342\200\256nrut \342\201\246back",
	"{{constructor.constructor('document.title=1')()}}",
	"%3Cscript%3E#%22",
};

static void add_markup(struct scenario *scenario, uint32_t number, const char *name)
{
	const struct scenario_task task = {
		.pid = 3000 + number,
		.comm = name,
		.cgroup = name,
		.age_ns = SECOND / 2,
		.command_line = name,
	};
	const uint64_t reference = scenario_task(scenario, &task);
	char *frames = malloc(strlen(name) + 64);

	if (!frames)
		exit(EXIT_FAILURE);
	(void)snprintf(frames, strlen(name) + 64, "main;%s", name);
	for (char *at = frames + 5; *at; at++)
		if (*at == ';' || *at == '@')
			*at = ',';
	scenario_signal(scenario,
			(struct dz_signal){.task = reference,
					   .receiver = reference,
					   .signal = 11,
					   .code = 1,
					   .source = DZ_SIGNAL_SOURCE_FAULT,
					   .user_stack = scenario_stack(scenario, frames)});
	scenario_section(scenario, (struct dz_section){.start = scenario->now_ns - 1000,
						       .task = reference,
						       .id = number + 1,
						       .label = scenario_text(scenario, name)});
	scenario_exit(scenario, (struct dz_exit){.task = reference,
						 .signal = 11,
						 .user_stack = scenario_stack(scenario, frames)});
	free(frames);
}

void scenario_markup(struct scenario *scenario)
{
	static char text[LONG_BYTES + 1];

	memset(text, 'x', LONG_BYTES);
	memcpy(text, "<u>", 3);
	for (uint32_t i = 0; i < sizeof(markup) / sizeof(markup[0]); i++)
		add_markup(scenario, i, markup[i]);
	add_markup(scenario, 100, text);
	scenario_info(scenario, "recorder.command", "diag-record --secret-word -- run");
	scenario_info(scenario, "filter.command", "secret-word");
}

static void make_frames(char *text, size_t capacity, uint32_t number)
{
	size_t used = 0;

	for (uint32_t i = 0; i < FRAMES; i++)
		used += (size_t)snprintf(text + used, capacity - used, "%sservice_function_%u",
					 i > 0 ? ";" : "",
					 (i * 131 + (i > 3 ? number * 7 : 0)) % FUNCTIONS);
}

/* Names of letters, so that most are different kinds. */
static void make_name(char name[16], uint32_t number)
{
	snprintf(name, 16, "worker-%c%c%c", 'a' + (int)(number % 26), 'a' + (int)(number / 26 % 26),
		 'a' + (int)(number / 676 % 26));
}

static void add_section(struct scenario *scenario, uint64_t task, uint32_t number)
{
	const uint64_t length_ns = 100000 + number % 977 * 1000;

	scenario_section(scenario,
			 (struct dz_section){.start = scenario->now_ns - length_ns,
					     .task = task,
					     .id = number + 1,
					     .label = scenario_text(scenario, "request")});
}

static void add_round(struct scenario *scenario, uint32_t number)
{
	char name[16], frames[FRAMES * 32];
	struct scenario_task task = {
		.pid = 100000 + number, .comm = name, .age_ns = SECOND, .cgroup = "/a.slice"};
	/* These live all the time. */
	const uint64_t age_ns = scenario->now_ns - SCENARIO_START_NS + SECOND;
	const struct scenario_task sender = {
		.pid = 500 + number % 50, .comm = "supervisor", .age_ns = age_ns};
	const struct scenario_task server = {
		.pid = 900 + number % 8, .comm = "server", .age_ns = age_ns};
	const uint32_t signal = number % 3 == 0 ? 11 : 15;
	uint64_t victim, from, stack;

	make_name(name, number);
	make_frames(frames, sizeof(frames), number);
	victim = scenario_task(scenario, &task);
	from = signal == 11 ? victim : scenario_task(scenario, &sender);
	stack = scenario_stack(scenario, frames);
	scenario_signal(scenario,
			(struct dz_signal){.task = from,
					   .receiver = victim,
					   .signal = signal,
					   .group = signal == 15,
					   .source = signal == 11 ? DZ_SIGNAL_SOURCE_FAULT
								  : DZ_SIGNAL_SOURCE_PROCESS,
					   .user_stack = stack});
	scenario_delivery(scenario, (struct dz_delivery){.task = victim, .signal = signal});
	scenario_exit(scenario,
		      (struct dz_exit){.task = victim, .signal = signal, .user_stack = stack});
	add_section(scenario, scenario_task(scenario, &server), number);
	task.pid += ROUNDS;
	scenario_exit(scenario, (struct dz_exit){.task = scenario_task(scenario, &task),
						 .exit_code = number % 2});
}

void scenario_page(struct scenario *scenario)
{
	for (uint32_t i = 0; i < ROUNDS; i++)
		add_round(scenario, i);
}
