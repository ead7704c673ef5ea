/* analyze/counts/cause_words.c - a cause in a few words, the same for similar ends */
#include "analyze/counts/cause_words.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "abi/signal.h"
#include "analyze/cause/culprit.h"
#include "analyze/trace/call_chain.h"

static void put_word(struct buffer *out, const char *word)
{
	buffer_put(out, word, strlen(word));
}

static void put_text(struct buffer *out, struct trace_text text)
{
	buffer_put(out, text.bytes, text.size);
}

void cause_words_put_sender(struct buffer *out, const struct cause *cause)
{
	const struct dz_task *sender = cause_sender(cause);

	if (sender)
		put_text(out, trace_text(cause->generated.file, trace_process_comm(sender)));
}

/* " in ExecEvalStep" */
static void put_culprit(struct buffer *out, const struct cause *cause)
{
	struct cause storage;
	const struct cause *first = cause_at_fault(cause, &storage);
	struct culprit culprit = culprit_find(first);
	char name[CALL_NAME_MAX];

	if (!culprit.frame)
		return;
	put_word(out, " in ");
	put_text(out,
		 (struct trace_text){name, call_frame_name(first->user.file, culprit.frame, name)});
}

/* " by systemd" */
static void put_by(struct buffer *out, const struct cause *cause)
{
	size_t start = out->size;

	if (cause->kind == CAUSE_TERMINAL) {
		put_word(out, " by its terminal");
		return;
	}
	if (cause->kind == CAUSE_RAISED) {
		put_word(out, " by itself");
		return;
	}
	put_word(out, " by ");
	cause_words_put_sender(out, cause);
	if (out->size == start + strlen(" by "))
		out->size = start;
}

void cause_words_put(struct buffer *out, const struct cause *cause)
{
	char code[24];

	if (cause->kind == CAUSE_OOM)
		return;
	if (cause->signal == 0) {
		snprintf(code, sizeof(code), "exit code %" PRIu32, cause->exit_code);
		put_word(out, cause->exit_code != 0 ? code : "");
		return;
	}
	put_word(out, signal_name(cause->signal).text);
	if (cause->kind == CAUSE_FAULT || cause->kind == CAUSE_ABORT)
		put_culprit(out, cause);
	else
		put_by(out, cause);
}
