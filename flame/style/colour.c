/* flame/style/colour.c - colours of frames, and their style sheet */
#include "flame/style/colour.h"

#include <math.h>
#include <string.h>

#include "flame/tree/frame_type.h"

/* Shades lie between the first and the second hue (degrees) and lightness (percent). */
struct ramp {
	uint16_t hue[2];
	uint8_t saturation; /* percent */
	uint8_t lightness[2];
};

struct colour_palette {
	const char *name;
	struct ramp ramps[FRAME_TYPE_COUNT];
};

/* Labels are dark: every shade is light enough for a contrast of 4.5:1 (tests/flame). */
#define UNKNOWN_RAMPS                                                                              \
	[FRAME_TYPE_GROUP] = {{230, 230}, 8, {80, 88}},                                            \
	[FRAME_TYPE_UNKNOWN] = {{40, 40}, 5, {72, 80}},                                            \
	[FRAME_TYPE_LOST] = {{345, 345}, 55, {66, 74}}

#define ONE_RAMP(...)                                                                              \
	[FRAME_TYPE_USER] = __VA_ARGS__, [FRAME_TYPE_LIBRARY] = __VA_ARGS__,                       \
	[FRAME_TYPE_KERNEL] = __VA_ARGS__, [FRAME_TYPE_JIT] = __VA_ARGS__,                         \
	[FRAME_TYPE_INLINED] = __VA_ARGS__, UNKNOWN_RAMPS

#define FRAME_TYPE_RAMPS                                                                           \
	[FRAME_TYPE_USER] = {{10, 32}, 88, {68, 76}},                                              \
	[FRAME_TYPE_LIBRARY] = {{42, 54}, 82, {64, 74}},                                           \
	[FRAME_TYPE_KERNEL] = {{203, 216}, 72, {70, 80}},                                          \
	[FRAME_TYPE_JIT] = {{96, 130}, 45, {64, 74}},                                              \
	[FRAME_TYPE_INLINED] = {{170, 184}, 45, {66, 76}}, UNKNOWN_RAMPS

static const struct colour_palette palettes[] = {
	{"type", {FRAME_TYPE_RAMPS}},
	{"hot", {ONE_RAMP({{4, 54}, 90, {66, 66}})}},
	{"mem", {ONE_RAMP({{120, 165}, 50, {62, 76}})}},
	{"io", {ONE_RAMP({{205, 240}, 70, {70, 80}})}},
	{"wakeup", {ONE_RAMP({{180, 205}, 45, {66, 78}})}},
	{"chain", {FRAME_TYPE_RAMPS}},
	{"java", {FRAME_TYPE_RAMPS}},
	{"js", {FRAME_TYPE_RAMPS}},
	{"perl", {FRAME_TYPE_RAMPS}},
	{"python", {FRAME_TYPE_RAMPS}},
	{"rust", {FRAME_TYPE_RAMPS}},
	{"red", {ONE_RAMP({{0, 8}, 85, {68, 80}})}},
	{"green", {ONE_RAMP({{105, 125}, 50, {62, 78}})}},
	{"blue", {ONE_RAMP({{210, 222}, 75, {70, 82}})}},
	{"aqua", {ONE_RAMP({{176, 190}, 50, {64, 80}})}},
	{"yellow", {ONE_RAMP({{48, 56}, 80, {60, 76}})}},
	{"purple", {ONE_RAMP({{275, 300}, 55, {74, 84}})}},
	{"orange", {ONE_RAMP({{20, 36}, 90, {64, 76}})}},
};

const struct colour_palette *colour_find(const char *name)
{
	for (size_t i = 0; i < sizeof(palettes) / sizeof(palettes[0]); i++)
		if (strcmp(palettes[i].name, name) == 0)
			return &palettes[i];
	return NULL;
}

const char *colour_list(void)
{
	return "type, hot, mem, io, wakeup, chain, java, js, perl, python, rust, red, green, "
	       "blue, aqua, yellow, purple, orange";
}

static size_t span(const char *text, const char *accepted)
{
	return strspn(text, accepted);
}

bool colour_is_valid(const char *text)
{
	size_t size = strlen(text);

	if (size == 0 || size > 32)
		return false;
	if (text[0] == '#')
		return (size == 4 || size == 7) &&
		       span(text + 1, "0123456789abcdefABCDEF") == size - 1;
	if (strncmp(text, "rgb(", 4) == 0)
		return text[size - 1] == ')' && span(text + 4, "0123456789, ") == size - 5;
	return span(text, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ") == size;
}

unsigned colour_class(const struct name *name)
{
	size_t size = frame_type_trim_suffix(name->text, name->size);
	uint32_t hash = UINT32_C(2166136261);
	unsigned type = name->type == FRAME_TYPE_AUTO ? FRAME_TYPE_USER : name->type;

	for (size_t i = 0; i < size; i++)
		hash = (hash ^ (uint8_t)name->text[i]) * UINT32_C(16777619);
	hash ^= hash >> 15;
	return (type - 1) * COLOUR_SHADES + hash % COLOUR_SHADES;
}

unsigned colour_delta_class(uint64_t old_total, uint64_t new_total, uint64_t largest, bool negate)
{
	const int middle = COLOUR_DELTAS / 2;
	bool grew = new_total > old_total;
	uint64_t change = grew ? new_total - old_total : old_total - new_total;
	int strength;

	if (change == 0 || largest == 0)
		return (unsigned)middle;
	if (change > largest)
		change = largest;
	/* The square root makes small changes visible beside a large one. */
	strength = 1 + (int)(sqrt((double)change / (double)largest) * (middle - 1) + 0.5);
	if (strength > middle)
		strength = middle;
	return (unsigned)(grew != negate ? middle + strength : middle - strength);
}

struct colour_name colour_class_name(unsigned class)
{
	static const char letters[FRAME_TYPE_COUNT] = {
		[FRAME_TYPE_AUTO] = 'u',   [FRAME_TYPE_USER] = 'u',    [FRAME_TYPE_LIBRARY] = 'l',
		[FRAME_TYPE_KERNEL] = 'k', [FRAME_TYPE_JIT] = 'j',     [FRAME_TYPE_INLINED] = 'i',
		[FRAME_TYPE_GROUP] = 'g',  [FRAME_TYPE_UNKNOWN] = 'x', [FRAME_TYPE_LOST] = 'o',
	};
	struct colour_name name;

	snprintf(name.text, sizeof(name.text), "%c%u", letters[class / COLOUR_SHADES + 1],
		 class % COLOUR_SHADES);
	return name;
}

struct colour_name colour_delta_name(unsigned class)
{
	struct colour_name name;

	snprintf(name.text, sizeof(name.text), "d%u", class % 100);
	return name;
}

static double between(double from, double to, double part)
{
	return from + (to - from) * part;
}

static unsigned channel(double hue, double saturation, double lightness, double offset)
{
	double k = fmod(offset + hue / 30, 12);
	double reach = saturation * fmin(lightness, 1 - lightness);
	double slope = fmax(-1, fmin(fmin(k - 3, 9 - k), 1));

	return (unsigned)lround(255 * (lightness - reach * slope));
}

static void write_rule(FILE *stream, const char *class, double hue, double saturation,
		       double lightness)
{
	fprintf(stream, ".%s{fill:#%02x%02x%02x}", class, channel(hue, saturation, lightness, 0),
		channel(hue, saturation, lightness, 8), channel(hue, saturation, lightness, 4));
}

static void write_ramp(FILE *stream, const struct ramp *ramp, unsigned type)
{
	for (unsigned shade = 0; shade < COLOUR_SHADES; shade++) {
		double part = (double)shade / (COLOUR_SHADES - 1);
		/* Neighbouring hues get different lightness, so that shades are distinct. */
		double light = (double)(shade * 3 % COLOUR_SHADES) / (COLOUR_SHADES - 1);
		struct colour_name name = colour_class_name((type - 1) * COLOUR_SHADES + shade);

		write_rule(stream, name.text, between(ramp->hue[0], ramp->hue[1], part),
			   ramp->saturation / 100.0,
			   between(ramp->lightness[0], ramp->lightness[1], light) / 100);
	}
	fputc('\n', stream);
}

/* Blue to orange: distinct for colour-blind readers too, and also by lightness. */
static void write_deltas(FILE *stream)
{
	const int middle = COLOUR_DELTAS / 2;

	for (int class = 0; class < (int)COLOUR_DELTAS; class ++) {
		double strength =
			(double)(class < middle ? middle - class : class - middle) / middle;
		double hue = class < middle ? 212 : 24;

		write_rule(stream, colour_delta_name((unsigned)class).text, hue,
			   class == middle ? 0 : 0.85, 0.92 - 0.30 * strength);
	}
	fputc('\n', stream);
}

void colour_write_css(FILE *stream, const struct colour_palette *palette, bool deltas)
{
	if (deltas) {
		write_deltas(stream);
		return;
	}
	for (unsigned type = FRAME_TYPE_USER; type < FRAME_TYPE_COUNT; type++)
		write_ramp(stream, &palette->ramps[type], type);
}

bool colour_is_by_type(const struct colour_palette *palette)
{
	return palette->ramps[FRAME_TYPE_USER].hue[0] != palette->ramps[FRAME_TYPE_KERNEL].hue[0];
}

/* The last one, for all other groups, is nearly grey. */
void colour_write_group_css(FILE *stream, enum frame_type type)
{
	static const struct {
		double hue;
		double saturation;
		double lightness;
	} hues[COLOUR_SHADES] = {
		{18, 0.88, 0.72},  {206, 0.72, 0.74}, {48, 0.80, 0.66},  {112, 0.42, 0.68},
		{268, 0.60, 0.80}, {338, 0.66, 0.78}, {176, 0.42, 0.68}, {30, 0.16, 0.78},
	};

	for (unsigned shade = 0; shade < COLOUR_SHADES; shade++) {
		struct colour_name name =
			colour_class_name(((unsigned)type - 1) * COLOUR_SHADES + shade);

		write_rule(stream, name.text, hues[shade].hue, hues[shade].saturation,
			   hues[shade].lightness);
	}
	fputc('\n', stream);
}
