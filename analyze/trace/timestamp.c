/* analyze/trace/timestamp.c - times as they are typed and printed */
#define _GNU_SOURCE
#include "analyze/trace/timestamp.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "text/quantity.h"

#define NS_PER_SECOND UINT64_C(1000000000)
#define NS_PER_DAY    (86400 * NS_PER_SECOND)

/* One number with its unit, such as 250ms. */
#define DURATION_PIECE_MAX 64u

static const char *const date_formats[] = {
	"%Y-%m-%d %H:%M:%S", "%Y-%m-%dT%H:%M:%S", "%Y-%m-%d %H:%M", "%Y-%m-%dT%H:%M", "%Y-%m-%d",
};

static const char *const clock_formats[] = {"%H:%M:%S", "%H:%M"};

static uint64_t add_saturated(uint64_t a, uint64_t b)
{
	uint64_t sum;

	return __builtin_add_overflow(a, b, &sum) ? UINT64_MAX : sum;
}

/* Reads a decimal point and the digits after it, as ns, and moves *text behind them. */
static bool parse_fraction(const char **text, uint64_t *ret_ns)
{
	uint64_t ns = 0;
	uint64_t weight = NS_PER_SECOND / 10;
	const char *at = *text;

	if (*at != '.') {
		*ret_ns = 0;
		return true;
	}
	for (at++; *at >= '0' && *at <= '9'; at++) {
		if (weight == 0)
			return false;
		ns += (uint64_t)(*at - '0') * weight;
		weight /= 10;
	}
	if (at[-1] == '.')
		return false;
	*text = at;
	*ret_ns = ns;
	return true;
}

/* Two digits, below a limit. */
static bool parse_two_digits(const char *text, int limit, int *ret_value)
{
	if (text[0] < '0' || text[0] > '9' || text[1] < '0' || text[1] > '9')
		return false;
	*ret_value = (text[0] - '0') * 10 + (text[1] - '0');
	return *ret_value < limit;
}

/* Z, +01:00, -0530, +01: the time zone of ISO 8601. Moves *text behind it. */
static bool parse_zone(const char **text, int *ret_offset_s)
{
	int sign = **text == '-' ? -1 : 1;
	int hours, minutes = 0;
	const char *at = *text;

	*ret_offset_s = 0;
	if (*at == 'Z') {
		*text = at + 1;
		return true;
	}
	if ((*at != '+' && *at != '-') || !parse_two_digits(at + 1, 24, &hours))
		return false;
	at += 3;
	if (*at != '\0') {
		at += *at == ':';
		if (!parse_two_digits(at, 60, &minutes))
			return false;
		at += 2;
	}
	*ret_offset_s = sign * (hours * 3600 + minutes * 60);
	*text = at;
	return true;
}

/* What can follow a date or time. */
struct tail {
	uint64_t ns;   /* a fraction of a second */
	bool has_zone; /* the time is not local */
	int offset_s;  /* of the zone, from UTC */
};

static bool parse_tail(const char *text, struct tail *ret_tail)
{
	*ret_tail = (struct tail){.ns = 0};
	if (!parse_fraction(&text, &ret_tail->ns))
		return false;
	if (*text == '\0')
		return true;
	ret_tail->has_zone = true;
	return parse_zone(&text, &ret_tail->offset_s) && *text == '\0';
}

static bool parse_date(const char *text, bool utc, struct timestamp *ret_timestamp)
{
	for (size_t i = 0; i < sizeof(date_formats) / sizeof(date_formats[0]); i++) {
		struct tm fields = {.tm_isdst = -1};
		const char *rest = strptime(text, date_formats[i], &fields);
		struct tail tail;
		time_t seconds;

		if (!rest || !parse_tail(rest, &tail))
			continue;
		seconds = utc || tail.has_zone ? timegm(&fields) : mktime(&fields);
		seconds -= tail.offset_s;
		if (seconds < 0 || (uint64_t)seconds > UINT64_MAX / NS_PER_SECOND - 1)
			return false;
		*ret_timestamp = (struct timestamp){
			.base = TIMESTAMP_UNIX,
			.ns = (uint64_t)seconds * NS_PER_SECOND + tail.ns,
		};
		return true;
	}
	return false;
}

/* Without a date, an offset has no meaning: only Z is accepted. */
static bool parse_clock(const char *text, bool utc, struct timestamp *ret_timestamp)
{
	for (size_t i = 0; i < sizeof(clock_formats) / sizeof(clock_formats[0]); i++) {
		struct tm fields = {0};
		const char *rest = strptime(text, clock_formats[i], &fields);
		struct tail tail;

		if (!rest || !parse_tail(rest, &tail) || tail.offset_s != 0)
			continue;
		*ret_timestamp = (struct timestamp){
			.base = TIMESTAMP_CLOCK_TIME,
			.ns = ((uint64_t)fields.tm_hour * 3600 + (uint64_t)fields.tm_min * 60 +
			       (uint64_t)fields.tm_sec) *
				      NS_PER_SECOND +
			      tail.ns,
			.utc = utc || tail.has_zone,
		};
		return true;
	}
	return false;
}

/* @1766242931.25 */
static bool parse_seconds(const char *text, struct timestamp *ret_timestamp)
{
	const char *digits = "0123456789";
	size_t length = strspn(text, digits);
	const char *rest = text + length;
	uint64_t fraction_ns;

	if (length == 0 || length > 10 || !parse_fraction(&rest, &fraction_ns) || *rest != '\0')
		return false;
	*ret_timestamp = (struct timestamp){
		.base = TIMESTAMP_UNIX,
		.ns = strtoull(text, NULL, 10) * NS_PER_SECOND + fraction_ns,
	};
	return true;
}

/* The part of +1h30m after the sign: a sequence of durations. */
static bool parse_durations(const char *text, uint64_t *ret_ns)
{
	uint64_t sum = 0;

	if (*text == '\0')
		return false;
	while (*text != '\0') {
		size_t length = strspn(text, "0123456789.");
		char piece[DURATION_PIECE_MAX];
		uint64_t ns;

		length += strspn(text + length, "abcdefghijklmnopqrstuvwxyz");
		if (length >= sizeof(piece))
			return false;
		memcpy(piece, text, length);
		piece[length] = '\0';
		if (!quantity_parse_duration(piece, &ns))
			return false;
		sum = add_saturated(sum, ns);
		text += length;
	}
	*ret_ns = sum;
	return true;
}

bool timestamp_parse(const char *text, bool utc, struct timestamp *ret_timestamp)
{
	uint64_t ns;

	if (*text == '@')
		return parse_seconds(text + 1, ret_timestamp);
	if (*text == '+' || *text == '-') {
		if (!parse_durations(text + 1, &ns))
			return false;
		*ret_timestamp = (struct timestamp){
			.base = *text == '+' ? TIMESTAMP_START : TIMESTAMP_END,
			.ns = ns,
		};
		return true;
	}
	return parse_date(text, utc, ret_timestamp) || parse_clock(text, utc, ret_timestamp);
}

static void break_down(uint64_t unix_ns, bool utc, struct tm *ret_fields)
{
	time_t seconds = (time_t)(unix_ns / NS_PER_SECOND);

	if (utc)
		gmtime_r(&seconds, ret_fields);
	else
		localtime_r(&seconds, ret_fields);
}

/* Returns the first time at or after `first_ns` at which the clock shows this time. */
static uint64_t resolve_clock_time(const struct timestamp *timestamp, uint64_t first_ns)
{
	uint64_t midnight_s;
	uint64_t resolved;
	struct tm fields;

	break_down(first_ns, timestamp->utc, &fields);
	fields.tm_hour = 0;
	fields.tm_min = 0;
	fields.tm_sec = 0;
	fields.tm_isdst = -1;
	midnight_s = (uint64_t)(timestamp->utc ? timegm(&fields) : mktime(&fields));
	resolved = midnight_s * NS_PER_SECOND + timestamp->ns;
	return resolved >= first_ns ? resolved : add_saturated(resolved, NS_PER_DAY);
}

uint64_t timestamp_resolve(const struct timestamp *timestamp, const struct time_range *span)
{
	switch (timestamp->base) {
	case TIMESTAMP_NONE:
		return 0;
	case TIMESTAMP_UNIX:
		return timestamp->ns;
	case TIMESTAMP_START:
		return add_saturated(span->first_ns, timestamp->ns);
	case TIMESTAMP_END:
		return span->last_ns > timestamp->ns ? span->last_ns - timestamp->ns : 0;
	case TIMESTAMP_CLOCK_TIME:
		return resolve_clock_time(timestamp, span->first_ns);
	}
	return 0;
}

struct timestamp_text timestamp_date(uint64_t unix_ns, bool utc)
{
	struct timestamp_text timestamp;
	struct tm fields;

	break_down(unix_ns, utc, &fields);
	snprintf(timestamp.text, sizeof(timestamp.text), "%04d-%02d-%02d %02d:%02d:%02d",
		 fields.tm_year + 1900, fields.tm_mon + 1, fields.tm_mday, fields.tm_hour,
		 fields.tm_min, fields.tm_sec);
	return timestamp;
}

struct timestamp_text timestamp_time(uint64_t unix_ns, bool utc)
{
	struct timestamp_text timestamp;
	struct tm fields;

	break_down(unix_ns, utc, &fields);
	snprintf(timestamp.text, sizeof(timestamp.text), "%02d:%02d:%02d.%06" PRIu64,
		 fields.tm_hour, fields.tm_min, fields.tm_sec, unix_ns % NS_PER_SECOND / 1000);
	return timestamp;
}

struct timestamp_text timestamp_clock(uint64_t unix_ns, bool utc)
{
	struct timestamp_text timestamp = timestamp_time(unix_ns, utc);

	timestamp.text[strlen("14:02:11.123")] = '\0';
	return timestamp;
}

struct timestamp_text timestamp_zone(uint64_t unix_ns, bool utc)
{
	struct timestamp_text timestamp = {"UTC"};
	struct tm fields;

	break_down(unix_ns, utc, &fields);
	if (!utc && strftime(timestamp.text, sizeof(timestamp.text), "%Z", &fields) == 0)
		timestamp.text[0] = '\0';
	return timestamp;
}

struct timestamp_text timestamp_exact(uint64_t unix_ns)
{
	struct timestamp_text timestamp = timestamp_date(unix_ns, true);
	size_t length = strlen(timestamp.text);

	timestamp.text[strlen("2026-08-20")] = 'T';
	snprintf(timestamp.text + length, sizeof(timestamp.text) - length, ".%09" PRIu64 "Z",
		 unix_ns % NS_PER_SECOND);
	return timestamp;
}

struct timestamp_text timestamp_lifetime(uint64_t duration_ns)
{
	struct timestamp_text timestamp;
	uint64_t seconds = duration_ns / NS_PER_SECOND;
	uint64_t days = seconds / 86400;
	int used = 0;

	if (seconds < 60) {
		snprintf(timestamp.text, sizeof(timestamp.text), "%" PRIu64 ".%03" PRIu64 "s",
			 seconds, duration_ns % NS_PER_SECOND / 1000000);
		return timestamp;
	}
	if (days > 0)
		used = snprintf(timestamp.text, sizeof(timestamp.text), "%" PRIu64 "d ", days);
	snprintf(timestamp.text + used, sizeof(timestamp.text) - (size_t)used,
		 "%02" PRIu64 ":%02" PRIu64 ":%02" PRIu64, seconds / 3600 % 24, seconds / 60 % 60,
		 seconds % 60);
	return timestamp;
}
