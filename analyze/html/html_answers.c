/* analyze/html/html_answers.c - the answers of a page, with call chains to unfold */
#include "analyze/html/html_answers.h"

#include <string.h>

#include "analyze/cause/task_text.h"
#include "analyze/html/html_text.h"
#include "text/quantity.h"

struct writing {
	FILE *out;
	uint64_t counts[CAUSE_CLASSES]; /* deaths that are written */
	size_t answers;
	bool is_chain_open; /* the first answer shows its call chain */
};

const char *html_answers_class(enum cause_class class)
{
	static const char *const words[CAUSE_CLASSES] = {
		[CAUSE_CLASS_OOM] = "oom",       [CAUSE_CLASS_CRASHED] = "crashed",
		[CAUSE_CLASS_KILLED] = "killed", [CAUSE_CLASS_FAILED] = "failed",
		[CAUSE_CLASS_CLEAN] = "clean",
	};

	return words[class];
}

static void write_detail_text(const struct answer_detail *detail, FILE *out)
{
	html_text(out, detail->text);
	if (detail->command)
		html_text_element(out, "code", "command", detail->command);
	if (detail->after)
		html_text(out, detail->after);
}

/* The lines of a call chain start in a column of the text report. */
static void write_block(const char *block, FILE *out)
{
	fputs("<pre>", out);
	while (*block) {
		char line[1024];
		size_t size;

		block += strspn(block, " ");
		size = strcspn(block, "\n");
		snprintf(line, sizeof(line), "%.*s", (int)(size < 1000 ? size : 1000), block);
		html_text(out, line);
		fputc('\n', out);
		block += size;
		block += *block == '\n';
	}
	fputs("</pre>", out);
}

static void write_detail(struct writing *writing, const struct answer_detail *detail)
{
	FILE *out = writing->out;

	fprintf(out, "<dt>%s</dt><dd>", detail->label);
	if (!detail->block) {
		write_detail_text(detail, out);
	} else {
		fputs(writing->is_chain_open ? "<details open><summary>" : "<details><summary>",
		      out);
		write_detail_text(detail, out);
		fputs("</summary>", out);
		write_block(detail->block, out);
		fputs("</details>", out);
	}
	fputs("</dd>", out);
}

/* "<time> CRASHED server[5903] x2 until ... SIGSEGV reading 0x10" as text with the same words as in
 * the text report. */
static void write_first(const struct answer_view *view, FILE *out)
{
	fputs("<h3>", out);
	html_text_element(out, "time", "at", view->time);
	fputs(" ", out);
	fprintf(out, "<b class=\"class %s\">%s</b> ", html_answers_class(view->class),
		view->class_word);
	html_text_element(out, "span", "who", view->names);
	if (view->count > 1) {
		fprintf(out, " <span class=\"times\">x%s until ", quantity_exact(view->count).text);
		html_text(out, view->until);
		fputs("</span>", out);
	}
	fputs(" ", out);
	html_text_element(out, "span", "how", view->text);
	if (view->host[0] != '\0') {
		fputs(" ", out);
		html_text_element(out, "span", "host", view->host);
	}
	fputs("</h3>", out);
}

static bool write_answer(void *context, const struct answer_view *view)
{
	struct writing *writing = context;
	FILE *out = writing->out;

	writing->counts[view->class] += view->count;
	writing->is_chain_open = writing->answers++ == 0;
	fprintf(out, "<li class=\"answer\">");
	write_first(view, out);
	if (view->details->count > 0) {
		fputs("<dl>", out);
		for (size_t i = 0; i < view->details->count; i++)
			write_detail(writing, &view->details->details[i]);
		fputs("</dl>", out);
	}
	fputs("</li>\n", out);
	return true;
}

static void write_rest(const struct answers *answers, const struct writing *writing)
{
	const char *separator = ": ";
	uint64_t more = 0;

	for (size_t i = 0; i < CAUSE_CLASS_CLEAN; i++)
		more += answers_count(answers, (enum cause_class)i) - writing->counts[i];
	if (more == 0)
		return;
	fputs("<p class=\"note\">", writing->out);
	task_text_count(writing->out, more, "more exit");
	fputs(" of other kinds", writing->out);
	for (size_t i = 0; i < CAUSE_CLASS_CLEAN; i++) {
		uint64_t count = answers_count(answers, (enum cause_class)i) - writing->counts[i];

		if (count == 0)
			continue;
		fprintf(writing->out, "%s%s %s", separator, quantity_exact(count).text,
			answers_class_word((enum cause_class)i));
		separator = ", ";
	}
	fputs("</p>\n", writing->out);
}

bool html_answers_write(const struct answers *answers, FILE *out)
{
	struct writing writing = {.out = out};

	fputs("<section id=\"answers\"><h2>Answers</h2>\n<ol class=\"answers\">\n", out);
	if (!answers_each(answers, write_answer, &writing))
		return false;
	fputs("</ol>\n", out);
	write_rest(answers, &writing);
	if (writing.answers == 0)
		fputs("<p class=\"note\">No process was killed, crashed or failed in the selected "
		      "events.</p>\n",
		      out);
	fputs("</section>\n", out);
	return true;
}
