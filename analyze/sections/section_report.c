/* analyze/sections/section_report.c - the text report about sections */
#define _GNU_SOURCE
#include "analyze/sections/section_report.h"

#include <inttypes.h>
#include <search.h>
#include <stdlib.h>
#include <string.h>

#include "analyze/cause/task_text.h"
#include "analyze/sections/section_interval.h"
#include "analyze/sections/section_text.h"
#include "analyze/trace/event_field.h"
#include "base/array.h"
#include "text/quantity.h"
#include "text/text_stream.h"

#define BAR_WIDTH      72u
#define LONGEST_STEPS  10u
#define STACK_FRAMES   8u
#define HISTOGRAM_MAX  30u
#define SHOWN_MIN_PART 10000u /* steps shorter than 1/10000 of the section are not printed */

/* The text of a section. It is printed if the section is among the longest. */
struct section_output {
	uint64_t duration_ns;
	uint64_t number; /* in the order in which sections were written */
	char *text;
};

/* The time in one state and one system call, over all sections. */
struct cause_total {
	struct trace_text name; /* owned */
	uint64_t state;
	uint64_t number; /* in the order of appearance */
	uint64_t duration_ns;
	uint64_t sections;
};

struct section_report {
	struct section_report_style style;
	struct section_groups *groups;
	struct duration_histograms histograms;
	struct section_output *longest; /* a heap: the first one is the shortest */
	size_t longest_count;
	size_t longest_capacity;
	uint64_t written_count;
	void *causes; /* of tsearch(3): struct cause_total */
	size_t cause_count;
	uint64_t section_count;
	/* Kept, and open when the recording ended: in histograms of older recordings, and left out
	 * of others. */
	uint64_t counted_unfinished;
	uint64_t uncounted_unfinished;
	uint64_t total_ns;
	uint64_t threshold_ns; /* of the last section */
	uint64_t max_ns;       /* the longest duration */
	uint64_t max_unix_ns;  /* when it started */
	bool out_of_memory;
};

static bool take(void *context, const struct section_group *group);

bool section_report_new(const struct section_report_style *style,
			struct section_report **ret_report)
{
	struct section_report *report = calloc(1, sizeof(*report));

	if (!report)
		return false;
	report->style = *style;
	if (!section_groups_new(&(struct section_group_consumer){report, take}, &report->groups)) {
		free(report);
		return false;
	}
	*ret_report = report;
	return true;
}

void section_report_visitors(struct section_report *report, struct visitor visitors[static 2])
{
	visitors[0] = section_groups_visitor(report->groups);
	visitors[1] = duration_histograms_visitor(&report->histograms);
}

static double percent(uint64_t part, uint64_t whole)
{
	return whole ? 100.0 * (double)part / (double)whole : 0.0;
}

/* Longest first. */
static int compare_phases(const void *left, const void *right)
{
	const struct dz_phase *a = *(const struct dz_phase *const *)left;
	const struct dz_phase *b = *(const struct dz_phase *const *)right;

	return a->duration > b->duration ? -1 : a->duration < b->duration;
}

static const struct dz_phase **phases_of(const struct section_group *group,
					 const struct dz_section *section, size_t *ret_count)
{
	size_t all;
	const struct dz_phase *first = section_group_phases(group, section, &all);
	const struct dz_phase **phases = calloc(all + 1, sizeof(const struct dz_phase *));

	*ret_count = 0;
	for (size_t i = 0; phases && i < all; i++) {
		if (first[i].duration > 0)
			phases[(*ret_count)++] = &first[i];
	}
	if (phases)
		qsort(phases, *ret_count, sizeof(const struct dz_phase *), compare_phases);
	return phases;
}

static bool write_breakdown(FILE *out, const struct section_group *group,
			    const struct dz_section *section)
{
	uint64_t duration_ns = section->time - section->start, sum_ns = 0;
	size_t count;
	const struct dz_phase **phases = phases_of(group, section, &count);

	if (!phases)
		return false;
	for (size_t i = 0; i < count; i++) {
		(void)fprintf(out, "  %5.1f %%  %10s  ", percent(phases[i]->duration, duration_ns),
			      quantity_of_duration(phases[i]->duration).text);
		section_text_state(out, (enum interval_state)phases[i]->state,
				   trace_text(group->file, phases[i]->name));
		if (phases[i]->count > 1)
			(void)fprintf(out, ", %s times", quantity_exact(phases[i]->count).text);
		(void)fputc('\n', out);
		sum_ns += phases[i]->duration;
	}
	if (count > 0)
		(void)fprintf(out, "  %5.1f %%  %10s  in all, %s ns\n",
			      percent(sum_ns, duration_ns), quantity_of_duration(sum_ns).text,
			      quantity_exact(sum_ns).text);
	free(phases);
	return true;
}

static int compare_intervals(const void *left, const void *right)
{
	const struct section_interval *a = left, *b = right;
	uint64_t length_a = a->end_ns - a->start_ns, length_b = b->end_ns - b->start_ns;

	if (length_a != length_b)
		return length_a > length_b ? -1 : 1;
	return a->start_ns < b->start_ns ? -1 : a->start_ns > b->start_ns;
}

static void write_chain(FILE *out, const struct trace_file *file, uint64_t stack, const char *where)
{
	if (!stack)
		return;
	(void)fprintf(out, "        %-7s", where);
	task_text_stack(out, file, stack, STACK_FRAMES);
	(void)fputc('\n', out);
}

static uint64_t length_of(const struct section_interval *interval)
{
	return interval->end_ns - interval->start_ns;
}

static void write_long_step(const struct section_report *report, FILE *out,
			    const struct section_group *group, const struct dz_section *section,
			    const struct section_interval *interval)
{
	(void)fprintf(out, "    %10s  after %10s  ", quantity_of_duration(length_of(interval)).text,
		      quantity_of_duration(interval->start_ns - section->start).text);
	section_text_interval(out, group->file, interval);
	(void)fputc('\n', out);
	if (!report->style.stacks)
		return;
	write_chain(out, group->file, interval->user_stack, "user");
	write_chain(out, group->file, interval->kernel_stack, "kernel");
}

static void write_heading(FILE *out, const struct section_group *group,
			  const struct dz_section *section)
{
	const char *source = event_field_word(DZ_KIND_SECTION, "source", section->source);
	const char *end = event_field_word(DZ_KIND_SECTION, "end", section->end);
	struct trace_text label = trace_text(group->file, section->label);

	(void)fputc('\n', out);
	task_text_task(out, group->file, dz_reader_task(group->file->reader, section->task));
	(void)fprintf(out, "  section %" PRIu64, section->id);
	if (section->outer)
		(void)fprintf(out, " in %" PRIu64, section->outer);
	if (label.size > 0) {
		(void)fputs("  ", out);
		task_text_text(out, label);
	}
	(void)fprintf(out, "  took %s%s, at least %s is kept",
		      section->end == DZ_SECTION_END_RECORDING_ENDED ? "more than " : "",
		      quantity_of_duration(section->time - section->start).text,
		      quantity_of_duration(section->threshold).text);
	(void)fprintf(out, "  (%s, %s)\n", source ? source : "?", end ? end : "?");
	if (section->dropped_steps)
		(void)fprintf(out, "  %s steps did not fit into the buffer; the longest did\n",
			      quantity_exact(section->dropped_steps).text);
}

/* A group, and its steps in time order. */
struct group_steps {
	const struct section_group *group;
	struct section_steps *steps;
};

/* What a descriptor of a watched system call stood for. */
static void write_files(FILE *out, const struct group_steps *steps,
			const struct dz_section *section)
{
	const struct dz_step *const *files;
	size_t count;

	if (section->source != DZ_SECTION_SOURCE_SYSTEM_CALL)
		return;
	files = section_steps_files(steps->steps, section, &count);
	for (size_t i = 0; i < count; i++) {
		(void)fprintf(out, "  descriptor %" PRId64 ": ", (int64_t)files[i]->number);
		task_text_text(out, trace_text(steps->group->file, files[i]->path));
		(void)fputc('\n', out);
	}
}

static bool write_section(const struct section_report *report, FILE *out,
			  const struct group_steps *steps, const struct dz_section *section)
{
	const struct section_group *group = steps->group;
	struct section_interval *intervals;
	size_t count;

	write_heading(out, group, section);
	write_files(out, steps, section);
	if (!section_intervals_make(steps->steps, section, &intervals, &count))
		return false;
	(void)fputs("  ", out);
	section_text_bar(out, intervals, count, BAR_WIDTH);
	(void)fputc('\n', out);
	if (!write_breakdown(out, group, section)) {
		free(intervals);
		return false;
	}
	(void)fputs("  longest steps\n", out);
	qsort(intervals, count, sizeof(*intervals), compare_intervals);
	for (size_t i = 0; i < count && i < LONGEST_STEPS; i++) {
		if (length_of(&intervals[i]) < (section->time - section->start) / SHOWN_MIN_PART)
			break;
		write_long_step(report, out, group, section, &intervals[i]);
	}
	free(intervals);
	return true;
}

/* Longest first, then the one that was written first. */
static int compare_lengths(const void *left, const void *right)
{
	const struct section_output *a = left, *b = right;

	if (a->duration_ns != b->duration_ns)
		return a->duration_ns > b->duration_ns ? -1 : 1;
	return a->number < b->number ? -1 : a->number > b->number;
}

static bool is_full(const struct section_report *report)
{
	return report->style.top && report->longest_count == report->style.top;
}

static void sift_up(struct section_output *heap, size_t at)
{
	struct section_output moved = heap[at];

	for (; at && compare_lengths(&moved, &heap[(at - 1) / 2]) > 0; at = (at - 1) / 2)
		heap[at] = heap[(at - 1) / 2];
	heap[at] = moved;
}

static void sift_down(struct section_output *heap, size_t count)
{
	struct section_output moved = heap[0];
	size_t at = 0, child;

	while ((child = 2 * at + 1) < count) {
		if (child + 1 < count && compare_lengths(&heap[child + 1], &heap[child]) > 0)
			child++;
		if (compare_lengths(&heap[child], &moved) <= 0)
			break;
		heap[at] = heap[child];
		at = child;
	}
	heap[at] = moved;
}

/* Keeps the text of a section that is wanted; takes ownership of it. */
static bool keep(struct section_report *report, uint64_t duration_ns, char *text)
{
	const struct section_output output = {duration_ns, report->written_count++, text};
	struct section_output *grown;

	if (is_full(report)) {
		free(report->longest[0].text);
		report->longest[0] = output;
		sift_down(report->longest, report->longest_count);
		return true;
	}
	grown = array_grow(report->longest, &report->longest_capacity, report->longest_count + 1,
			   sizeof(*grown), ARRAY_NO_LIMIT);
	if (!grown) {
		free(text);
		return false;
	}
	report->longest = grown;
	grown[report->longest_count] = output;
	sift_up(grown, report->longest_count++);
	return true;
}

/* Whether a section of this duration would be kept now. */
static bool is_wanted(const struct section_report *report, uint64_t duration_ns)
{
	return !is_full(report) || report->longest[0].duration_ns < duration_ns;
}

static bool write_to_memory(struct section_report *report, const struct group_steps *steps,
			    const struct dz_section *section)
{
	char *text = NULL;
	size_t size;
	FILE *out;
	bool written;

	if (!is_wanted(report, section->time - section->start))
		return true;
	out = open_memstream(&text, &size);
	if (!out)
		return false;
	written = write_section(report, out, steps, section);
	written = fclose(out) == 0 && written;
	/* On allocation failure fclose() can succeed and leave no text. */
	if (!written || !text) {
		free(text);
		return false;
	}
	return keep(report, section->time - section->start, text);
}

static int compare_names(const void *left, const void *right)
{
	const struct cause_total *a = left, *b = right;

	if (a->state != b->state)
		return a->state < b->state ? -1 : 1;
	return trace_text_compare(a->name, b->name);
}

static uint64_t add_saturated(uint64_t sum, uint64_t part)
{
	return __builtin_add_overflow(sum, part, &sum) ? UINT64_MAX : sum;
}

/* The text of the name follows the total. Returns NULL on allocation failure. */
static struct cause_total *start_cause(struct section_report *report, const struct cause_total *key)
{
	struct cause_total *cause = malloc(sizeof(*cause) + key->name.size);

	if (!cause)
		return NULL;
	*cause = *key;
	cause->name.bytes = memcpy(cause + 1, key->name.bytes, key->name.size);
	if (!tsearch(cause, &report->causes, compare_names)) {
		free(cause);
		return NULL;
	}
	report->cause_count++;
	return cause;
}

static bool add_cause(struct section_report *report, const struct section_group *group,
		      const struct dz_phase *phase)
{
	const struct cause_total key = {
		.name = trace_text(group->file, phase->name),
		.state = phase->state,
		.number = report->cause_count,
	};
	struct cause_total *const *found = tfind(&key, &report->causes, compare_names);
	struct cause_total *cause = found ? *found : start_cause(report, &key);

	if (!cause)
		return false;
	cause->duration_ns = add_saturated(cause->duration_ns, phase->duration);
	cause->sections++;
	return true;
}

/* Adds the phases of a section. Nested sections are counted once, in the outermost kept one. */
static bool add_causes(struct section_report *report, const struct section_group *group,
		       const struct dz_section *section)
{
	const struct dz_phase *phases;
	size_t count;

	report->section_count++;
	if (section->end == DZ_SECTION_END_RECORDING_ENDED)
		++*(dz_reader_info(group->file->reader, "section.histogram_of").data
			    ? &report->uncounted_unfinished
			    : &report->counted_unfinished);
	report->threshold_ns = section->threshold;
	if (section->time - section->start > report->max_ns) {
		report->max_ns = section->time - section->start;
		report->max_unix_ns = dz_reader_realtime_ns(group->file->reader, section->start);
	}
	if (section_group_is_inner(group, section))
		return true;
	report->total_ns = add_saturated(report->total_ns, section->time - section->start);
	phases = section_group_phases(group, section, &count);
	for (size_t i = 0; i < count; i++) {
		if (phases[i].duration > 0 && !add_cause(report, group, &phases[i]))
			return false;
	}
	return true;
}

static int compare_durations(const void *left, const void *right)
{
	const struct dz_section *a = *(const struct dz_section *const *)left;
	const struct dz_section *b = *(const struct dz_section *const *)right;
	uint64_t duration_a = a->time - a->start, duration_b = b->time - b->start;

	if (duration_a != duration_b)
		return duration_a > duration_b ? -1 : 1;
	return a < b ? -1 : a > b;
}

/* Writes the sections of a group, the longest first: then the others are rarely written. */
static bool write_group(struct section_report *report, const struct section_group *group)
{
	const struct dz_section **sections =
		calloc(group->section_count, sizeof(const struct dz_section *));
	struct group_steps steps = {.group = group};
	size_t count = 0;
	bool ok = sections && section_steps_new(group, &steps.steps);

	for (size_t i = 0; ok && i < group->section_count; i++)
		if (group->sections[i].time >= group->sections[i].start)
			sections[count++] = &group->sections[i];
	if (ok)
		qsort(sections, count, sizeof(const struct dz_section *), compare_durations);
	for (size_t i = 0; ok && i < count; i++)
		ok = add_causes(report, group, sections[i]) &&
		     write_to_memory(report, &steps, sections[i]);
	section_steps_free(steps.steps);
	free(sections);
	return ok;
}

static bool take(void *context, const struct section_group *group)
{
	struct section_report *report = context;
	bool ok = write_group(report, group);

	report->out_of_memory |= !ok;
	return ok;
}

/* Longest first, then the one that appeared first. */
static int compare_causes(const void *left, const void *right)
{
	const struct cause_total *a = *(const struct cause_total *const *)left;
	const struct cause_total *b = *(const struct cause_total *const *)right;

	if (a->duration_ns != b->duration_ns)
		return a->duration_ns > b->duration_ns ? -1 : 1;
	return a->number < b->number ? -1 : a->number > b->number;
}

struct cause_list {
	const struct cause_total **causes;
	size_t count;
};

static void collect(const void *node, VISIT order, void *context)
{
	struct cause_list *list = context;

	if (order == postorder || order == leaf)
		list->causes[list->count++] = *(const struct cause_total *const *)node;
}

/* Returns the causes, longest first. `causes` is NULL on allocation failure. */
static struct cause_list list_causes(const struct section_report *report)
{
	struct cause_list list = {
		.causes = calloc(report->cause_count + 1, sizeof(const struct cause_total *))};

	if (!list.causes)
		return list;
	twalk_r(report->causes, collect, &list);
	qsort(list.causes, list.count, sizeof(const struct cause_total *), compare_causes);
	return list;
}

/* Returns false on allocation failure. */
static bool write_causes(const struct section_report *report, FILE *out)
{
	struct cause_list list = list_causes(report);

	if (!list.causes)
		return false;
	if (list.count > 0)
		(void)fprintf(out, "\ncauses, over %s of kept sections\n",
			      quantity_of_duration(report->total_ns).text);
	for (size_t i = 0; i < list.count && i < LONGEST_STEPS; i++) {
		const struct cause_total *cause = list.causes[i];

		(void)fprintf(out, "  %5.1f %%  %10s  ",
			      percent(cause->duration_ns, report->total_ns),
			      quantity_of_duration(cause->duration_ns).text);
		section_text_state(out, (enum interval_state)cause->state, cause->name);
		(void)fprintf(out, "  (%s section%s)\n", quantity_exact(cause->sections).text,
			      cause->sections == 1 ? "" : "s");
	}
	free(list.causes);
	return true;
}

static void write_buckets(const struct duration_histogram *histogram, FILE *out)
{
	uint64_t most = 1;

	for (size_t i = 0; i < histogram->bucket_count; i++) {
		uint64_t count = duration_histogram_bucket(histogram, i).count;

		most = count > most ? count : most;
	}
	for (size_t i = 0; i < histogram->bucket_count; i++) {
		const struct dz_section_histogram bucket = duration_histogram_bucket(histogram, i);
		size_t length =
			(size_t)((double)HISTOGRAM_MAX * (double)bucket.count / (double)most);

		if (bucket.count == 0)
			continue;
		(void)fprintf(out, "    from %10s  %12s  ",
			      quantity_of_duration(UINT64_C(1) << bucket.bucket).text,
			      quantity_exact(bucket.count).text);
		for (size_t at = 0; at < length || at < 1; at++)
			(void)fputc('#', out);
		if (bucket.kept)
			(void)fprintf(out, "  %s kept", quantity_exact(bucket.kept).text);
		(void)fputc('\n', out);
	}
}

static void write_histogram(const struct duration_histogram *histogram, FILE *out)
{
	struct duration_histogram_summary summary = duration_histogram_summarize(histogram);
	const char *source =
		event_field_word(DZ_KIND_SECTION_HISTOGRAM, "source", histogram->source);
	struct trace_text label = histogram->label;

	(void)fputs("\n  ", out);
	task_text_task(out, histogram->file, &histogram->task);
	(void)fprintf(out, "  %s  ", source ? source : "?");
	if (label.size > 0)
		task_text_text(out, label);
	(void)fprintf(out, "\n    %s of %s took too long;", quantity_exact(summary.kept).text,
		      quantity_exact(summary.count).text);
	(void)fprintf(out, "  shortest %s", quantity_of_duration(summary.min_ns).text);
	(void)fprintf(out, ", half up to %s",
		      quantity_of_duration(duration_histogram_percentile(histogram, 0.5)).text);
	(void)fprintf(out, ", 90 %% up to %s",
		      quantity_of_duration(duration_histogram_percentile(histogram, 0.9)).text);
	(void)fprintf(out, ", 99 %% up to %s",
		      quantity_of_duration(duration_histogram_percentile(histogram, 0.99)).text);
	(void)fprintf(out, ", longest %s\n", quantity_of_duration(summary.max_ns).text);
	write_buckets(histogram, out);
}

static void write_unfinished(uint64_t count, const char *what, FILE *out)
{
	if (count > 0)
		(void)fprintf(out, "  %s had not ended when the recording did: %s\n",
			      quantity_exact(count).text, what);
}

/* Returns false on allocation failure. */
static bool write_histograms(const struct section_report *report, FILE *out)
{
	const struct duration_histograms *histograms = &report->histograms;
	struct duration_histogram **list = duration_histograms_list(histograms);

	if (!list)
		return false;
	if (histograms->count > 0)
		(void)fputs("\ndurations of all sections\n", out);
	write_unfinished(report->counted_unfinished, "until then it counts", out);
	write_unfinished(report->uncounted_unfinished, "not counted here", out);
	for (size_t i = 0; i < histograms->count; i++)
		write_histogram(list[i], out);
	free(list);
	return true;
}

bool section_report_write(struct section_report *report, FILE *out)
{
	if (!section_groups_finish(report->groups) || report->out_of_memory ||
	    section_groups_out_of_memory(report->groups) || report->histograms.out_of_memory)
		return false;
	if (report->longest_count > 0) {
		qsort(report->longest, report->longest_count, sizeof(*report->longest),
		      compare_lengths);
		(void)fprintf(out,
			      "\nsections that took too long, the longest first: %zu of %" PRIu64
			      "\n  U user mode, S system call, F page fault, I interrupt, w woken "
			      "but waiting for a CPU, p preempted, b blocked, D blocked "
			      "uninterruptibly, ? not known\n",
			      report->longest_count, report->section_count);
	}
	for (size_t i = 0; i < report->longest_count; i++)
		(void)fputs(report->longest[i].text, out);
	if (!write_causes(report, out))
		return false;
	return write_histograms(report, out);
}

/* Histograms and states in the brief report. */
#define BRIEF_HISTOGRAMS 3u
#define BRIEF_STATES     3u
#define BRIEF_INDENT     10u

/* A brief report that is being written. */
struct brief {
	const struct section_report *report;
	const struct layout *layout;
	struct duration_histogram **histograms;
	struct cause_list causes;
	const char *head;
	FILE *out;
};

static int compare_kept(const void *left, const void *right)
{
	const struct duration_histogram *const *a = left, *const *b = right;
	uint64_t kept_a = duration_histogram_summarize(*a).kept;
	uint64_t kept_b = duration_histogram_summarize(*b).kept;

	if (kept_a != kept_b)
		return kept_a > kept_b ? -1 : 1;
	return (*a)->number < (*b)->number ? -1 : (*a)->number > (*b)->number;
}

static void write_longest(const struct section_report *report, uint64_t max_ns, FILE *out)
{
	(void)fprintf(out, "longest %s", quantity_of_length(max_ns).text);
	if (max_ns == report->max_ns)
		(void)fprintf(out, " at %s",
			      timestamp_clock(report->max_unix_ns, report->style.utc).text);
}

/* "req (marker) in python3[6438]: 6 of 6 took 5.0 ms or more; half up to 14 ms, ..." */
static void write_brief_histogram(const struct brief *brief, size_t place, FILE *out)
{
	const struct section_report *report = brief->report;
	const struct duration_histogram *histogram = brief->histograms[place];
	struct duration_histogram_summary summary = duration_histogram_summarize(histogram);
	const char *source =
		event_field_word(DZ_KIND_SECTION_HISTOGRAM, "source", histogram->source);

	task_text_text(out, histogram->label);
	(void)fprintf(out, "%s(%s) in ", histogram->label.size > 0 ? " " : "",
		      source ? source : "?");
	task_text_task(out, histogram->file, &histogram->task);
	(void)fprintf(out, ": %s of %s took ", quantity_exact(summary.kept).text,
		      quantity_exact(summary.count).text);
	if (report->section_count > 0)
		(void)fprintf(out, "%s or more; ", quantity_of_length(report->threshold_ns).text);
	else
		(void)fputs("too long; ", out);
	(void)fprintf(out, "half up to %s",
		      quantity_of_length(duration_histogram_percentile(histogram, 0.5)).text);
	(void)fprintf(out, ", 99 %% up to %s, ",
		      quantity_of_length(duration_histogram_percentile(histogram, 0.99)).text);
	write_longest(report, summary.max_ns, out);
}

/* "78 % blocked in clock_nanosleep, 22 % user mode  (-e section)" */
static void write_brief_states(const struct brief *brief, size_t place, FILE *out)
{
	(void)place;
	for (size_t i = 0; i < brief->causes.count && i < BRIEF_STATES; i++) {
		const struct cause_total *cause = brief->causes.causes[i];

		(void)fprintf(out, "%s%.0f %% ", i > 0 ? ", " : "",
			      percent(cause->duration_ns, brief->report->total_ns));
		section_text_state(out, (enum interval_state)cause->state, cause->name);
	}
	(void)fprintf(out, "%s(-e section)", brief->causes.count > 0 ? "  " : "");
}

/* For a trace without histograms. */
static void write_brief_count(const struct brief *brief, size_t place, FILE *out)
{
	const struct section_report *report = brief->report;

	(void)place;
	task_text_count(out, report->section_count, "section");
	(void)fprintf(out, " took %s or more; ", quantity_of_length(report->threshold_ns).text);
	write_longest(report, report->max_ns, out);
}

static bool write_brief_part(struct brief *brief, size_t place,
			     void (*write)(const struct brief *brief, size_t place, FILE *out))
{
	struct text_stream stream;
	char *text;

	if (text_stream_open(&stream))
		write(brief, place, stream.out);
	text = text_stream_close(&stream);
	if (!text)
		return false;
	(void)fprintf(brief->out, "%-*s", (int)BRIEF_INDENT, brief->head);
	layout_paragraph(brief->layout, brief->out, BRIEF_INDENT, BRIEF_INDENT, text);
	brief->head = "";
	free(text);
	return true;
}

static bool write_brief(struct brief *brief)
{
	size_t count = brief->report->histograms.count;

	qsort(brief->histograms, count, sizeof(struct duration_histogram *), compare_kept);
	for (size_t i = 0; i < count && i < BRIEF_HISTOGRAMS; i++)
		if (!write_brief_part(brief, i, write_brief_histogram))
			return false;
	if (count > BRIEF_HISTOGRAMS)
		(void)fprintf(brief->out, "%*s%zu more labels (-e section)\n", (int)BRIEF_INDENT,
			      "", count - BRIEF_HISTOGRAMS);
	if (count == 0 && !write_brief_part(brief, 0, write_brief_count))
		return false;
	return write_brief_part(brief, 0, write_brief_states);
}

bool section_report_write_brief(struct section_report *report, const struct layout *layout,
				FILE *out)
{
	struct brief brief = {.report = report, .layout = layout, .head = "SECTIONS", .out = out};
	bool ok;

	if (!section_groups_finish(report->groups) || report->out_of_memory ||
	    section_groups_out_of_memory(report->groups) || report->histograms.out_of_memory)
		return false;
	if (report->section_count == 0 && report->histograms.count == 0)
		return true;
	brief.histograms = duration_histograms_list(&report->histograms);
	brief.causes = list_causes(report);
	ok = brief.histograms && brief.causes.causes && write_brief(&brief);
	free(brief.histograms);
	free(brief.causes.causes);
	return ok;
}

void section_report_free(struct section_report *report)
{
	if (!report)
		return;
	for (size_t i = 0; i < report->longest_count; i++)
		free(report->longest[i].text);
	free(report->longest);
	tdestroy(report->causes, free);
	duration_histograms_release(&report->histograms);
	section_groups_free(report->groups);
	free(report);
}
