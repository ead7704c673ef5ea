/* analyze/html/html_time.c - the time line of a page: one lane for each process or thread
 *
 * All horizontal places are percents of the length, so that the drawing has any width without a
 * script. The script changes them to zoom. */
#include "analyze/html/html_time.h"

#include <inttypes.h>
#include <string.h>

#include "abi/signal.h"
#include "analyze/html/html_answers.h"
#include "analyze/html/html_text.h"
#include "text/quantity.h"

/* Heights, px: of the axis, of a lane, of the life of a process, of a section, of a short arrow. */
#define AXIS_PX    22u
#define LANE_PX    24u
#define LIFE_PX    4u
#define SECTION_PX 14u
#define STUB_PX    11u

/* Marks on the axis, about. */
#define MARKS 6u

/* Sections narrower than this have no states drawn, percent. */
#define STATES_FROM 0.4

struct drawing {
	const struct html_lanes *lanes;
	const struct time_range *span;
	uint64_t length_ns; /* at least 1 */
	bool utc;
	FILE *out;
};

static const struct {
	const char *class;
	const char *word;
} states[DZ_PHASE_STATE_COUNT] = {
	[DZ_PHASE_STATE_USER] = {"user", "user mode"},
	[DZ_PHASE_STATE_KERNEL] = {"kernel", "kernel mode"},
	[DZ_PHASE_STATE_FAULT] = {"fault", "page faults"},
	[DZ_PHASE_STATE_INTERRUPT] = {"interrupt", "interrupts"},
	[DZ_PHASE_STATE_RUNNABLE] = {"runnable", "runnable"},
	[DZ_PHASE_STATE_PREEMPTED] = {"preempted", "preempted"},
	[DZ_PHASE_STATE_BLOCKED] = {"blocked", "blocked"},
	[DZ_PHASE_STATE_UNINTERRUPTIBLE] = {"uninterruptible", "uninterruptible"},
};

/* Percent of the length, inside of it. */
static double place(const struct drawing *drawing, uint64_t unix_ns)
{
	if (unix_ns <= drawing->span->first_ns)
		return 0;
	if (unix_ns >= drawing->span->last_ns)
		return 100;
	return 100.0 * (double)(unix_ns - drawing->span->first_ns) / (double)drawing->length_ns;
}

static unsigned middle_of(int lane)
{
	return AXIS_PX + (unsigned)lane * LANE_PX + LANE_PX / 2;
}

static const char *label_of(const struct drawing *drawing, int lane, const char *without)
{
	return lane == HTML_NO_LANE ? without : drawing->lanes->lanes[lane].label;
}

static void write_title_time(const struct drawing *drawing, uint64_t unix_ns)
{
	fprintf(drawing->out, ", %s", timestamp_time(unix_ns, drawing->utc).text);
}

/* Returns a step of 1, 2 or 5 with a power of ten; from 10 s on, parts of minutes, hours and days.
 * time.js has the same. */
static uint64_t nice_step(uint64_t length_ns)
{
	static const uint64_t factors[] = {1, 2, 5};
	static const uint64_t seconds[] = {10,   20,   30,    60,    120,   300,    600,   1200,
					   3600, 7200, 14400, 28800, 86400, 172800, 604800};
	const uint64_t second = UINT64_C(1000000000);
	uint64_t days = 14;

	for (uint64_t power = 1; power < 10 * second; power *= 10)
		for (size_t i = 0; i < 3; i++)
			if (length_ns / (factors[i] * power) <= MARKS)
				return factors[i] * power;
	for (size_t i = 0; i < sizeof(seconds) / sizeof(seconds[0]); i++)
		if (length_ns / (seconds[i] * second) <= MARKS)
			return seconds[i] * second;
	while (days < 100000 && length_ns / (days * 86400 * second) > MARKS)
		days *= 2;
	return days * 86400 * second;
}

static void write_axis(const struct drawing *drawing, unsigned height)
{
	const uint64_t step = nice_step(drawing->length_ns);
	FILE *out = drawing->out;

	fputs("<g class=\"axis\">", out);
	for (uint64_t at = 0; at <= drawing->length_ns && at <= UINT64_MAX - step; at += step) {
		const double x = 100.0 * (double)at / (double)drawing->length_ns;

		fprintf(out, "<line x1=\"%.4f%%\" x2=\"%.4f%%\" y1=\"%u\" y2=\"%u\"/>", x, x,
			AXIS_PX - 4, height);
		if (x < 94)
			fprintf(out, "<text x=\"%.4f%%\" y=\"13\">+%s</text>", x,
				at == 0 ? "0" : quantity_of_duration(at).text);
	}
	fputs("</g>\n", out);
}

static void write_life(const struct drawing *drawing, int number)
{
	const struct html_lane *lane = &drawing->lanes->lanes[number];
	const double left = place(drawing, lane->born_ns);
	const double right = lane->end_ns ? place(drawing, lane->end_ns) : 100;
	const char *class = html_answers_class(lane->class);
	FILE *out = drawing->out;

	fprintf(out, "<g class=\"lane\" data-lane=\"%d\"><title>", number);
	html_text(out, lane->label);
	if (lane->cause) {
		fputs(": ", out);
		html_text(out, lane->cause);
		write_title_time(drawing, lane->end_ns);
	} else {
		fputs(": its end is not in the trace", out);
	}
	fprintf(out,
		"</title><rect class=\"life\" x=\"%.6f%%\" width=\"%.6f%%\" y=\"%u\" "
		"height=\"%u\"/>",
		left, right > left ? right - left : 0, middle_of(number) - LIFE_PX / 2, LIFE_PX);
	if (lane->born_ns > drawing->span->first_ns)
		fprintf(out,
			"<line class=\"born\" x1=\"%.6f%%\" x2=\"%.6f%%\" y1=\"%u\" y2=\"%u\"/>",
			left, left, middle_of(number) - 6, middle_of(number) + 6);
	if (lane->end_ns)
		fprintf(out, "<circle class=\"death %s\" cx=\"%.6f%%\" cy=\"%u\" r=\"4.5\"/>",
			class, right, middle_of(number));
	fputs("</g>\n", out);
}

static uint64_t sum_states(const struct html_item *item)
{
	uint64_t sum = 0;

	for (size_t i = 0; i < DZ_PHASE_STATE_COUNT; i++)
		if (__builtin_add_overflow(sum, item->states_ns[i], &sum))
			return 0;
	return sum;
}

/* "req: 14.8 ms: 78 % blocked, 22 % user mode" */
static void write_section_title(const struct drawing *drawing, const struct html_item *item)
{
	const uint64_t sum = sum_states(item);
	const char *separator = ": ";
	FILE *out = drawing->out;

	fputs("<title>", out);
	if (item->count > 1)
		fprintf(out, "%s sections, merged, in ", quantity_exact(item->count).text);
	else
		html_text(out, item->label[0] ? item->label : "section");
	fprintf(out, "%s%s", item->count > 1 ? "" : ": ",
		quantity_of_duration(item->end_ns - item->start_ns).text);
	for (size_t i = 0; i < DZ_PHASE_STATE_COUNT && sum > 0; i++) {
		unsigned share = (unsigned)(100.0 * (double)item->states_ns[i] / (double)sum + 0.5);

		if (share == 0)
			continue;
		fprintf(out, "%s%u %% %s", separator, share, states[i].word);
		separator = ", ";
	}
	write_title_time(drawing, item->start_ns);
	fputs("</title>", out);
}

/* The share of each state, in the order of the states, not of time. */
static void write_states(const struct drawing *drawing, const struct html_item *item, double left,
			 double width)
{
	const uint64_t sum = sum_states(item);
	double at = left;

	if (sum == 0 || width < STATES_FROM)
		return;
	for (size_t i = 0; i < DZ_PHASE_STATE_COUNT; i++) {
		double part = width * (double)item->states_ns[i] / (double)sum;

		if (item->states_ns[i] > 0)
			fprintf(drawing->out,
				"<rect class=\"state %s\" x=\"%.6f%%\" width=\"%.6f%%\" y=\"%u\" "
				"height=\"%u\"/>",
				states[i].class, at, part, middle_of(item->to) - 1,
				SECTION_PX / 2 - 1);
		at += part;
	}
}

static void write_section(const struct drawing *drawing, const struct html_item *item)
{
	const double left = place(drawing, item->start_ns);
	const double width = place(drawing, item->end_ns) - left;
	FILE *out = drawing->out;

	fprintf(out, "<g class=\"lane\" data-lane=\"%d\">", item->to);
	write_section_title(drawing, item);
	fprintf(out,
		"<rect class=\"section\" x=\"%.6f%%\" width=\"%.6f%%\" y=\"%u\" height=\"%u\"/>",
		left, width, middle_of(item->to) - SECTION_PX / 2, SECTION_PX);
	write_states(drawing, item, left, width);
	fputs("</g>\n", out);
}

/* From the lane of the sender to that of the receiver. If only one of them has a lane, it ends
 * there from above, or leaves it downwards. */
static void write_signal(const struct drawing *drawing, const struct html_item *item)
{
	const bool leaves = item->to == HTML_NO_LANE;
	const bool enters = item->from == HTML_NO_LANE || item->from == item->to;
	const unsigned start = enters ? middle_of(item->to) - STUB_PX : middle_of(item->from);
	const unsigned end = leaves ? start + STUB_PX : middle_of(item->to);
	const double x = place(drawing, item->start_ns);
	FILE *out = drawing->out;

	fprintf(out,
		"<line class=\"signal%s\" x1=\"%.6f%%\" x2=\"%.6f%%\" y1=\"%u\" y2=\"%u\" "
		"marker-end=\"url(#%s)\"><title>",
		item->killed ? " kill" : "", x, x, start, end, item->killed ? "kill" : "arrow");
	fputs(item->signal ? signal_name(item->signal).text : "signals", out);
	if (item->count > 1)
		fprintf(out, " x%s", quantity_exact(item->count).text);
	fputs(" from ", out);
	html_text(out, label_of(drawing, item->from, "the kernel, or a process without a lane"));
	fputs(" to ", out);
	html_text(out, label_of(drawing, item->to, "a process without a lane"));
	write_title_time(drawing, item->start_ns);
	fputs("</title></line>\n", out);
}

static void write_items(const struct drawing *drawing, enum html_item_type type)
{
	for (size_t i = 0; i < drawing->lanes->item_count; i++) {
		const struct html_item *item = &drawing->lanes->items[i];

		if (item->count == 0 || item->type != type)
			continue;
		if (type == HTML_ITEM_SECTION)
			write_section(drawing, item);
		else
			write_signal(drawing, item);
	}
}

static void write_plot(const struct drawing *drawing)
{
	static const char *const arrows[] = {"arrow", "kill"};
	const unsigned height = AXIS_PX + (unsigned)drawing->lanes->lane_count * LANE_PX;
	FILE *out = drawing->out;

	fprintf(out,
		"<svg id=\"plot\" role=\"img\" aria-label=\"Time line\" width=\"100%%\" "
		"height=\"%u\" data-length=\"%" PRIu64 "\"><defs>",
		height, drawing->length_ns);
	for (size_t i = 0; i < 2; i++)
		fprintf(out,
			"<marker id=\"%s\" viewBox=\"0 0 8 8\" refX=\"8\" refY=\"4\" "
			"markerWidth=\"8\" markerHeight=\"8\" markerUnits=\"userSpaceOnUse\" "
			"orient=\"auto\"><path class=\"%s\" d=\"M0 .5L8 4L0 7.5Z\"/></marker>",
			arrows[i], arrows[i]);
	fputs("</defs>\n", out);
	write_axis(drawing, height);
	for (size_t i = 0; i < drawing->lanes->lane_count; i++)
		write_life(drawing, (int)i);
	write_items(drawing, HTML_ITEM_SECTION);
	write_items(drawing, HTML_ITEM_SIGNAL);
	fputs("</svg>\n", out);
}

static void write_names(const struct drawing *drawing)
{
	FILE *out = drawing->out;

	fputs("<ol class=\"names\">", out);
	for (size_t i = 0; i < drawing->lanes->lane_count; i++) {
		const struct html_lane *lane = &drawing->lanes->lanes[i];

		fprintf(out, "<li class=\"%s\" data-lane=\"%zu\" title=\"",
			lane->end_ns ? html_answers_class(lane->class) : "lives", i);
		html_text(out, lane->label);
		fputs("\">", out);
		html_text(out, lane->label);
		fputs("</li>", out);
	}
	fputs("</ol>\n", out);
}

static void write_notes(const struct drawing *drawing)
{
	const struct html_lanes *lanes = drawing->lanes;
	FILE *out = drawing->out;

	if (lanes->merged > 0) {
		fprintf(out, "<p class=\"note\">%s signals and sections: ",
			quantity_exact(lanes->drawn + lanes->merged).text);
		fprintf(out, "%s are drawn, and ", quantity_exact(lanes->drawn).text);
		fprintf(out, "%s are merged with one less than ",
			quantity_exact(lanes->merged).text);
		fprintf(out, "%s before.</p>\n", quantity_of_duration(lanes->distance_ns).text);
	}
	if (lanes->left_out > 0)
		fprintf(out, "<p class=\"note\">%s more signals and sections are not drawn.</p>\n",
			quantity_exact(lanes->left_out).text);
	if (lanes->deaths > lanes->deaths_drawn)
		fprintf(out,
			"<p class=\"note\">%s more processes did not end with code 0, and have no "
			"lane.</p>\n",
			quantity_exact(lanes->deaths - lanes->deaths_drawn).text);
}

static void write_legend(const struct drawing *drawing)
{
	bool has_sections = false;
	bool has_signals = false;
	FILE *out = drawing->out;

	for (size_t i = 0; i < drawing->lanes->item_count; i++) {
		has_sections |= drawing->lanes->items[i].type == HTML_ITEM_SECTION;
		has_signals |= drawing->lanes->items[i].type == HTML_ITEM_SIGNAL;
	}
	fputs("<div class=\"legend\"><span class=\"swatch\"><i class=\"life\"></i>process or "
	      "thread</span><span class=\"swatch\"><i class=\"dot crashed\"></i>its end, in the "
	      "colour of its class</span>",
	      out);
	if (has_signals)
		fputs("<span class=\"swatch\"><i class=\"arrow\"></i>signal</span><span "
		      "class=\"swatch\"><i class=\"arrow kill\"></i>signal that ended a "
		      "process</span>",
		      out);
	if (has_sections) {
		fputs("<span class=\"swatch\"><i class=\"section\"></i>section, with its time "
		      "as</span>",
		      out);
		for (size_t i = 0; i < DZ_PHASE_STATE_COUNT; i++)
			fprintf(out, "<span class=\"swatch\"><i class=\"state %s\"></i>%s</span>",
				states[i].class, states[i].word);
	}
	fputs("</div>\n", out);
}

void html_time_write(const struct html_lanes *lanes, const struct time_range *span, bool utc,
		     FILE *out)
{
	const struct drawing drawing = {
		.lanes = lanes,
		.span = span,
		.length_ns = span->last_ns > span->first_ns ? span->last_ns - span->first_ns : 1,
		.utc = utc,
		.out = out,
	};

	if (lanes->lane_count == 0)
		return;
	fputs("<section id=\"time\"><h2>Time line</h2>\n", out);
	write_legend(&drawing);
	fputs("<div class=\"time\">", out);
	write_names(&drawing);
	fputs("<div class=\"plot\">", out);
	write_plot(&drawing);
	fputs("</div></div>\n", out);
	write_notes(&drawing);
	fputs("</section>\n", out);
}
