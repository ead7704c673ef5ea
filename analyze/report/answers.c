/* analyze/report/answers.c - deaths by kind, the worst first: when, who, how, sent by whom */
#define _GNU_SOURCE
#include "analyze/report/answers.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "abi/signal.h"
#include "analyze/cause/culprit.h"
#include "analyze/cause/task_text.h"
#include "analyze/report/answer_details.h"
#include "analyze/report/answer_table.h"
#include "analyze/report/name_range.h"
#include "text/quantity.h"
#include "text/text_stream.h"

/* Answers whose sender is looked for at each exit. */
#define SENDERS_MAX 16u

/* The process that sent a signal, until its end is seen. */
struct sender {
	uint64_t pid; /* 0: none, or its end has been seen */
	uint64_t start_ns;
	uint64_t death_ns; /* CLOCK_BOOTTIME, of the first death */
	uint32_t boot;
};

/* Deaths of one kind. */
struct answer {
	struct name_range names;
	enum cause_class class;
	uint64_t until_ns; /* Unix, of the last death */
	/* Of the first death; texts only if the kind ranked among those that are printed. */
	uint64_t first_ns;
	uint64_t pid;
	bool has_task;
	char *text;
	char *host;
	struct answer_details details;
	struct sender sender;
};

/* Times in which signals were lost; later ones are not compared. */
#define LOSSES_MAX 256u

/* Signals that were lost in one file, between two times of CLOCK_BOOTTIME. */
struct lost_signals {
	uint64_t first_ns;
	uint64_t last_ns;
	uint64_t count;
	uint32_t boot;
};

struct answers {
	struct lost_signals losses[LOSSES_MAX];
	size_t loss_count;
	struct answers_style style;
	struct answer_table *table;
	struct buffer key; /* of the death at hand */
	uint64_t counts[CAUSE_CLASSES];
};

static const struct {
	const char *counted;
	enum layout_style style;
} classes[CAUSE_CLASSES] = {
	[CAUSE_CLASS_OOM] = {"out of memory", LAYOUT_RED},
	[CAUSE_CLASS_CRASHED] = {"crashed", LAYOUT_RED},
	[CAUSE_CLASS_KILLED] = {"killed", LAYOUT_YELLOW},
	[CAUSE_CLASS_FAILED] = {"failed", LAYOUT_YELLOW},
	[CAUSE_CLASS_CLEAN] = {"clean", LAYOUT_PLAIN},
};

const char *answers_class_word(enum cause_class class)
{
	return classes[class].counted;
}

static void free_answer(struct answer *answer)
{
	name_range_release(&answer->names);
	answer_details_release(&answer->details);
	free(answer->text);
	free(answer->host);
	free(answer);
}

static void release_answer(void *item)
{
	free_answer(item);
}

struct answers *answers_new(const struct answers_style *style)
{
	struct answers *answers = calloc(1, sizeof(*answers));

	if (!answers)
		return NULL;
	answers->style = *style;
	answers->table = answer_table_new(ANSWERS_KINDS, release_answer);
	if (answers->table)
		return answers;
	free(answers);
	return NULL;
}

static struct trace_text comm_of(const struct trace_file *file, const struct dz_task *task)
{
	return task ? trace_text(file, trace_process_comm(task)) : (struct trace_text){"", 0};
}

/* Returns the name of the process that sent the signal, or one that was handled; empty without one.
 */
static struct trace_text sender_comm(const struct cause *cause)
{
	const struct cause_signal *handled = &cause->handled.generated;
	const struct dz_task *sender = cause_sender(cause);

	if (sender)
		return comm_of(cause->generated.file, sender);
	if (cause->handling == CAUSE_AFTER && cause->handled.kind == CAUSE_SIGNAL && handled->file)
		return comm_of(handled->file,
			       dz_reader_task(handled->file->reader, handled->row.task));
	return (struct trace_text){"", 0};
}

static struct trace_text culprit_symbol(const struct cause *cause)
{
	struct cause storage;
	const struct cause *first = cause_at_fault(cause, &storage);
	const struct culprit blamed = culprit_find(first);
	const struct dz_frame *culprit = blamed.caller ? blamed.caller : blamed.frame;

	return culprit ? trace_text(first->user.file, culprit->symbol) : (struct trace_text){"", 0};
}

static void put_text(struct buffer *key, struct trace_text text)
{
	buffer_put_varint(key, text.size);
	buffer_put(key, text.bytes, text.size);
}

/* The folded names end with a NUL; they contain one only in a damaged file, where two kinds may be
 * taken for one if they differ in nothing but its place. */
static bool make_key(struct answers *answers, const struct death *death)
{
	const struct cause *cause = death->cause;
	struct buffer *key = &answers->key;

	buffer_clear(key);
	buffer_put_u8(key, (uint8_t)cause->kind);
	buffer_put_varint(key, cause->signal);
	buffer_put_varint(key, cause->exit_code);
	buffer_put_u8(key, cause->core_dumped);
	buffer_put_u8(key, (uint8_t)cause->handling);
	buffer_put_u8(key, (uint8_t)cause->code);
	put_text(key, culprit_symbol(cause));
	name_range_fold(key, comm_of(death->file, death->task));
	buffer_put_u8(key, 0);
	name_range_fold(key, sender_comm(cause));
	return !key->failed;
}

static char *copy_host(const struct trace_file *file)
{
	const struct dz_bytes name = dz_reader_info(file->reader, "host.name");
	struct text_stream stream;

	if (text_stream_open(&stream))
		task_text_text(stream.out, (struct trace_text){(const char *)name.data, name.size});
	return text_stream_close(&stream);
}

/* Returns whether a kind is among those that are printed. One that is not now never will be, since
 * others only come before it. */
static bool is_shown(const struct answers *answers, const struct answer_entry *entry)
{
	return answers->style.top == 0 ||
	       answer_table_place(answers->table, entry) < answers->style.top;
}

static void note_sender(const struct death *death, struct answer *answer)
{
	const struct trace_file *file;
	const struct dz_task *sender = answer_details_sender(death->cause, &file);

	if (!sender)
		return;
	answer->sender = (struct sender){
		.pid = sender->pid,
		.start_ns = sender->process_start,
		.death_ns = death->row->time,
		.boot = file->boot,
	};
}

/* "ended 0.3 s later, exit code 0" */
static bool add_sender_end(struct answer *answer, const struct death *death)
{
	char text[2 * QUANTITY_TEXT_MAX + 32];
	uint64_t since_ns = death->row->time > answer->sender.death_ns
				    ? death->row->time - answer->sender.death_ns
				    : 0;
	int used =
		snprintf(text, sizeof(text), "ended %s later, ", quantity_of_length(since_ns).text);

	if (death->row->signal != 0)
		snprintf(text + used, sizeof(text) - (size_t)used, "%s",
			 signal_name((uint32_t)death->row->signal).text);
	else
		snprintf(text + used, sizeof(text) - (size_t)used, "exit code %" PRIu64,
			 death->row->exit_code);
	answer->sender.pid = 0;
	return answer_details_add_sender_end(&answer->details, text);
}

/* Looks for an answer in which this process is the sender. */
static bool find_sender(struct answers *answers, const struct death *death)
{
	const struct dz_task *task = death->task;
	struct answer_entry *entry;

	for (size_t i = 0; task && i < SENDERS_MAX && (entry = answer_table_at(answers->table, i));
	     i++) {
		struct answer *answer = entry->item;
		const struct sender *sender = &answer->sender;

		if (sender->pid != 0 && sender->pid == task->pid &&
		    sender->start_ns == task->process_start && sender->boot == death->file->boot &&
		    !add_sender_end(answer, death))
			return false;
	}
	return true;
}

static void add_loss(struct answers *answers, const struct visitor_event *event)
{
	static const char kind[] = "signal";
	const struct dz_lost *row = event->event->row;
	struct trace_text name;

	if (!row)
		return;
	name = trace_text(event->file, row->kind);
	if (name.size != strlen(kind) || memcmp(name.bytes, kind, name.size) != 0 ||
	    answers->loss_count == LOSSES_MAX)
		return;
	answers->losses[answers->loss_count++] = (struct lost_signals){
		.first_ns = row->time,
		.last_ns = row->last,
		.count = row->count,
		.boot = event->file->boot,
	};
}

static uint64_t count_lost(const struct answers *answers, const struct death *death)
{
	uint64_t count = 0;

	for (size_t i = 0; i < answers->loss_count; i++) {
		const struct lost_signals *loss = &answers->losses[i];

		if (loss->boot == death->file->boot && loss->first_ns <= death->row->time &&
		    death->task && loss->last_ns >= death->task->process_start)
			count += loss->count;
	}
	return count;
}

/* Signals that were lost can be the reason why the sender is not known. */
static bool add_note(const struct answers *answers, const struct death *death,
		     struct answer *answer)
{
	char text[QUANTITY_TEXT_MAX + 64];
	uint64_t lost = death->cause->kind == CAUSE_UNKNOWN ? count_lost(answers, death) : 0;

	if (lost == 0)
		return true;
	snprintf(text, sizeof(text), "%s signal%s lost while it lived: sender unknown",
		 quantity_exact(lost).text, lost == 1 ? " was" : "s were");
	return answer_details_add(&answer->details, "note", text);
}

static bool make_texts(const struct answers *answers, const struct death *death,
		       struct answer *answer)
{
	const struct answer_details_style style = {
		.stacks = answers->style.stacks,
		.whole = answers->style.whole,
		.verbose = answers->style.verbose,
	};

	note_sender(death, answer);
	answer->text = cause_text_string(death->cause);
	answer->host = answers->style.hosts ? copy_host(death->file) : strdup("");
	return answer->text && answer->host &&
	       answer_details_make(death, &style, &answer->details) &&
	       add_note(answers, death, answer);
}

static bool start_answer(struct answers *answers, const struct death *death, uint64_t unix_ns,
			 struct answer_entry *entry)
{
	struct answer *answer = calloc(1, sizeof(*answer));

	if (!answer)
		return false;
	entry->item = answer;
	answer->class = cause_class(death->cause);
	answer->first_ns = unix_ns;
	answer->until_ns = unix_ns;
	answer->has_task = death->task != NULL;
	answer->pid = death->task ? death->task->pid : 0;
	if (!name_range_start(&answer->names, comm_of(death->file, death->task)))
		return false;
	return !is_shown(answers, entry) || make_texts(answers, death, answer);
}

static bool add_death(struct answers *answers, const struct death *death, uint64_t unix_ns)
{
	const enum cause_class class = cause_class(death->cause);
	const struct answer_rank rank = {
		.class = class,
		.kind = death->cause->kind,
		.first_ns = unix_ns,
	};
	struct answer_entry *entry;
	struct answer *answer;

	answers->counts[class]++;
	if (!find_sender(answers, death))
		return false;
	if (class == CAUSE_CLASS_CLEAN)
		return true;
	if (!make_key(answers, death))
		return false;
	switch (answer_table_add(answers->table,
				 (struct answer_key){answers->key.data, answers->key.size}, rank,
				 &entry)) {
	case ANSWER_NO_MEMORY:
		return false;
	case ANSWER_OUTSIDE:
		return true;
	case ANSWER_NEW:
		return start_answer(answers, death, unix_ns, entry);
	case ANSWER_COUNTED:
		break;
	}
	answer = entry->item;
	answer->until_ns = unix_ns;
	name_range_add(&answer->names, comm_of(death->file, death->task));
	return true;
}

static bool visit_exit(struct answers *answers, const struct visitor_event *event)
{
	const struct dz_exit *row = event->event->row;
	const struct death death = {
		.file = event->file,
		.task = event->task,
		.row = row,
		.cause = event->cause,
	};

	return !row || row->thread || add_death(answers, &death, event->unix_ns);
}

static bool visit(void *context, const struct visitor_event *event)
{
	if (event->event->kind == DZ_KIND_EXIT)
		return visit_exit(context, event);
	add_loss(context, event);
	return true;
}

struct visitor answers_visitor(struct answers *answers)
{
	return (struct visitor){
		.context = answers,
		.kinds = VISITOR_KIND(DZ_KIND_EXIT) | VISITOR_KIND(DZ_KIND_LOST),
		.visit = visit,
	};
}

uint64_t answers_count(const struct answers *answers, enum cause_class class)
{
	return answers->counts[class];
}

static void write_time(const struct answers_style *style, uint64_t unix_ns, FILE *out)
{
	if (style->dates)
		fprintf(out, "%.10s ", timestamp_date(unix_ns, style->utc).text);
	fputs(timestamp_clock(unix_ns, style->utc).text, out);
}

static void write_names(const struct answers_style *style, const struct answer *answer, FILE *out)
{
	const struct layout *layout = &style->layout;

	fputs(layout_style(layout, LAYOUT_BOLD), out);
	name_range_write(&answer->names, out);
	if (!answer->has_task)
		fputc('?', out);
	else if (!name_range_is_several(&answer->names))
		fprintf(out, "[%" PRIu64 "]", answer->pid);
	fputs(layout_style(layout, LAYOUT_PLAIN), out);
}

/* "15:04:50.686  FAILED   w0..w4998 x1,667 until 15:04:59.055  exit code 1" */
static void write_first(const struct answers_style *style, const struct answer_entry *entry,
			FILE *out)
{
	const struct layout *layout = &style->layout;
	const struct answer *answer = entry->item;
	const char *word = cause_class_word(answer->class);

	write_time(style, answer->first_ns, out);
	fprintf(out, "  %s%s%s", layout_style(layout, classes[answer->class].style), word,
		layout_style(layout, LAYOUT_PLAIN));
	fprintf(out, "%*s  ", (int)(strlen("CRASHED") - strlen(word)), "");
	write_names(style, answer, out);
	if (entry->count > 1) {
		fprintf(out, " %s%s until ", layout->utf8 ? "×" : "x",
			quantity_exact(entry->count).text);
		write_time(style, answer->until_ns, out);
	}
	fputs("  ", out);
	fputs(answer->text, out);
	if (answer->host[0] != '\0')
		fprintf(out, "   %s", answer->host);
}

/* An answer as it is written. */
struct written {
	char *text;
	size_t lines; /* of the first paragraph, always written */
};

static bool make_first(const struct answers_style *style, const struct answer_entry *entry,
		       struct written *ret_written)
{
	struct text_stream stream;
	char *first;

	*ret_written = (struct written){NULL, 0};
	if (text_stream_open(&stream))
		write_first(style, entry, stream.out);
	first = text_stream_close(&stream);
	if (!first)
		return false;
	if (text_stream_open(&stream))
		ret_written->lines = layout_paragraph(&style->layout, stream.out, 0,
						      answer_details_column(&style->layout), first);
	free(first);
	ret_written->text = text_stream_close(&stream);
	return ret_written->text != NULL;
}

static void free_written(struct written *written, size_t count)
{
	for (size_t i = 0; i < count; i++)
		free(written[i].text);
	free(written);
}

/* Returns whether an answer is written. Failures rank last, so all others come before. */
static bool is_wanted(const struct answer_entry *entry, const struct answers_part *part)
{
	return entry && !(part->no_failed && entry->rank.class == CAUSE_CLASS_FAILED);
}

/* Returns the first paragraphs of the answers that are printed, and their number. NULL on
 * allocation failure. */
static struct written *make_firsts(const struct answers *answers, const struct answers_part *part,
				   size_t *ret_count)
{
	const struct answers_style *style = &answers->style;
	size_t most = style->top != 0 ? style->top : ANSWERS_KINDS;
	struct written *written;
	size_t lines = 0;
	size_t count = 0;

	while (count < most && is_wanted(answer_table_at(answers->table, count), part))
		count++;
	written = calloc(count + 1, sizeof(*written));
	if (!written)
		return NULL;
	for (size_t i = 0; i < count; i++) {
		if (!make_first(style, answer_table_at(answers->table, i), &written[i])) {
			free_written(written, i + 1);
			return NULL;
		}
		lines += written[i].lines;
		if (i > 0 && part->lines != 0 && lines > part->lines) {
			free(written[i].text);
			count = i;
		}
	}
	*ret_count = count;
	return written;
}

/* Writes parents and control group only if they are not those of the answer before. */
static bool is_repeated(const struct answer_detail *detail, const struct answer *before)
{
	if ((strcmp(detail->label, "parents") != 0 && strcmp(detail->label, "where") != 0) ||
	    !before)
		return false;
	for (size_t i = 0; i < before->details.count; i++)
		if (answer_details_are_equal(detail, &before->details.details[i]))
			return true;
	return false;
}

struct writing {
	const struct answers *answers;
	const struct answers_part *part;
	const struct answer *before;
	size_t left;   /* lines for details */
	bool complete; /* all details were written */
	FILE *out;
};

static bool write_details(struct writing *writing, const struct answer *answer)
{
	const struct answers_style *style = &writing->answers->style;

	for (size_t i = 0; i < answer->details.count; i++) {
		const struct answer_detail *detail = &answer->details.details[i];
		struct text_stream stream;
		size_t lines = 0;
		char *text;

		if (is_repeated(detail, writing->before))
			continue;
		if (text_stream_open(&stream))
			lines = answer_details_write(detail, &style->layout, style->verbose,
						     stream.out);
		text = text_stream_close(&stream);
		if (!text || lines == 0) {
			free(text);
			return false;
		}
		if (lines > writing->left)
			writing->complete = false;
		if (writing->complete) {
			fputs(text, writing->out);
			writing->left -= lines;
		}
		free(text);
	}
	return true;
}

/* Deaths that are not among the printed answers. */
struct rest {
	uint64_t counts[CAUSE_CLASSES];
	uint64_t exits;
	uint64_t kinds;  /* kept, but not printed */
	bool is_outside; /* some kinds are not kept */
};

static struct rest find_rest(const struct answers *answers, size_t shown,
			     const struct answers_part *part)
{
	const size_t classes_end = part->no_failed ? CAUSE_CLASS_FAILED : CAUSE_CLASS_CLEAN;
	struct rest rest = {.exits = 0};
	struct answer_entry *entry;
	uint64_t kept = 0;
	uint64_t all = 0;

	for (size_t i = 0; i < classes_end; i++) {
		rest.counts[i] = answers->counts[i];
		all += answers->counts[i];
	}
	for (size_t i = 0; is_wanted(entry = answer_table_at(answers->table, i), part); i++) {
		kept += entry->count;
		if (i < shown)
			rest.counts[entry->rank.class] -= entry->count;
		else
			rest.kinds++;
	}
	rest.is_outside = kept < all;
	for (size_t i = 0; i < classes_end; i++)
		rest.exits += rest.counts[i];
	return rest;
}

static void write_counts(const uint64_t counts[CAUSE_CLASSES], FILE *out)
{
	const char *separator = "";

	for (size_t i = 0; i < CAUSE_CLASSES; i++) {
		if (counts[i] == 0)
			continue;
		fprintf(out, "%s%s %s", separator, quantity_exact(counts[i]).text,
			classes[i].counted);
		separator = ", ";
	}
}

static void write_rest(const struct rest *rest, bool complete, FILE *out)
{
	if (rest->exits > 0) {
		task_text_count(out, rest->exits, "more exit");
		if (rest->is_outside) {
			fputs(" of kinds that rank after these: ", out);
		} else {
			fputs(" of ", out);
			task_text_count(out, rest->kinds, "kind");
			fputs(": ", out);
		}
		write_counts(rest->counts, out);
		fputs(rest->is_outside ? " (--by comm,cause counts them all)"
				       : " (--top 0 shows them)",
		      out);
	}
	if (!complete)
		fputs(rest->exits > 0 ? "; the last answers have more details (--verbose)"
				      : "the last answers have more details (--verbose)",
		      out);
}

static bool write_rest_line(const struct writing *writing, size_t shown)
{
	const struct answers *answers = writing->answers;
	const struct rest rest = find_rest(answers, shown, writing->part);
	struct text_stream stream;
	char *text;

	if (text_stream_open(&stream))
		write_rest(&rest, writing->complete, stream.out);
	text = text_stream_close(&stream);
	if (!text)
		return false;
	if (text[0] != '\0')
		layout_paragraph(&answers->style.layout, writing->out, 0, 2, text);
	free(text);
	return true;
}

/* Returns the lines that are left for details. */
static size_t lines_left(const struct written *written, size_t count, size_t lines)
{
	if (lines == 0)
		return SIZE_MAX;
	for (size_t i = 0; i < count; i++)
		lines -= written[i].lines < lines ? written[i].lines : lines;
	return lines;
}

static bool write_all(struct writing *writing, const struct written *written, size_t count)
{
	const struct answers *answers = writing->answers;

	for (size_t i = 0; i < count; i++) {
		const struct answer *answer = answer_table_at(answers->table, i)->item;

		fputs(written[i].text, writing->out);
		if (!write_details(writing, answer))
			return false;
		writing->before = answer;
	}
	return write_rest_line(writing, count);
}

bool answers_write(const struct answers *answers, const struct answers_part *part, FILE *out)
{
	size_t count;
	struct written *written = make_firsts(answers, part, &count);
	struct writing writing = {.answers = answers, .part = part, .complete = true, .out = out};
	bool ok;

	if (!written)
		return false;
	writing.left = lines_left(written, count, part->lines);
	ok = write_all(&writing, written, count);
	free_written(written, count);
	return ok;
}

/* The texts of a struct answer_view. */
enum view_text {
	VIEW_TIME,
	VIEW_NAMES,
	VIEW_UNTIL,
	VIEW_HOW,
	VIEW_TEXTS,
};

static void write_view_text(const struct answers_style *style, const struct answer *answer,
			    enum view_text text, FILE *out)
{
	switch (text) {
	case VIEW_TIME:
		write_time(style, answer->first_ns, out);
		break;
	case VIEW_NAMES:
		write_names(style, answer, out);
		break;
	case VIEW_UNTIL:
		write_time(style, answer->until_ns, out);
		break;
	case VIEW_HOW:
	case VIEW_TEXTS:
	default:
		fputs(answer->text, out);
	}
}

static bool pass_view(const struct answers *answers, const struct answer_entry *entry,
		      bool (*each)(void *context, const struct answer_view *view), void *context)
{
	const struct answer *answer = entry->item;
	char *texts[VIEW_TEXTS] = {NULL};
	bool ok = true;

	for (size_t i = 0; i < VIEW_TEXTS; i++) {
		struct text_stream stream;

		if (text_stream_open(&stream))
			write_view_text(&answers->style, answer, (enum view_text)i, stream.out);
		texts[i] = text_stream_close(&stream);
		ok = ok && texts[i];
	}
	ok = ok && each(context, &(struct answer_view){
					 .class = answer->class,
					 .class_word = cause_class_word(answer->class),
					 .time = texts[VIEW_TIME],
					 .names = texts[VIEW_NAMES],
					 .count = entry->count,
					 .until = texts[VIEW_UNTIL],
					 .text = texts[VIEW_HOW],
					 .host = answer->host,
					 .details = &answer->details,
				 });
	for (size_t i = 0; i < VIEW_TEXTS; i++)
		free(texts[i]);
	return ok;
}

bool answers_each(const struct answers *answers,
		  bool (*each)(void *context, const struct answer_view *view), void *context)
{
	const size_t most = answers->style.top != 0 ? answers->style.top : ANSWERS_KINDS;
	const struct answer_entry *entry;

	for (size_t i = 0; i < most && (entry = answer_table_at(answers->table, i)); i++)
		if (!pass_view(answers, entry, each, context))
			return false;
	return true;
}

void answers_free(struct answers *answers)
{
	if (!answers)
		return;
	answer_table_free(answers->table);
	buffer_release(&answers->key);
	free(answers);
}
