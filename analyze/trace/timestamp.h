/* analyze/trace/timestamp.h - times as they are typed and printed */
#ifndef ANALYZE_TRACE_TIMESTAMP_H
#define ANALYZE_TRACE_TIMESTAMP_H

#include <stdbool.h>
#include <stdint.h>

enum timestamp_base {
	TIMESTAMP_NONE,       /* not given: no limit */
	TIMESTAMP_UNIX,       /* ns since 1970 */
	TIMESTAMP_START,      /* ns after the start of the trace */
	TIMESTAMP_END,        /* ns before its end */
	TIMESTAMP_CLOCK_TIME, /* ns since midnight: the first such time of the trace */
};

struct timestamp {
	enum timestamp_base base;
	uint64_t ns;
	bool utc; /* for TIMESTAMP_CLOCK_TIME: in UTC, not in local time */
};

/* The first and the last time of a trace, in ns since 1970. */
struct time_range {
	uint64_t first_ns;
	uint64_t last_ns;
};

/* Size of a buffer for a date and time, with its NUL. */
#define TIMESTAMP_TEXT_MAX 48u

/* A short text, returned by value so that printf() can take several in one call. */
struct timestamp_text {
	char text[TIMESTAMP_TEXT_MAX];
};

/*
 * Parses these forms:
 *
 *     2026-08-20 14:02:11.5, 2026-08-20T14:02Z, 2026-08-20   a date
 *     2026-08-20T14:02:11+01:00                              a date with an offset from UTC
 *     @1766242931.25                                         seconds since 1970
 *     14:02, 14:02:11                                        the first such time of the trace
 *     +5s, +1h30m                                            after the start
 *     -10s                                                   before the end
 *
 * Times are local unless `utc` is set or the text ends in Z or an offset. Returns false, with
 * *ret_timestamp unchanged, for any other text.
 */
bool timestamp_parse(const char *text, bool utc, struct timestamp *ret_timestamp);

/* Returns the time in ns since 1970, 0 for TIMESTAMP_NONE. A result beyond 64 bits is UINT64_MAX.
 */
uint64_t timestamp_resolve(const struct timestamp *timestamp, const struct time_range *span);

/* "2026-08-20 14:02:11" */
struct timestamp_text timestamp_date(uint64_t unix_ns, bool utc);

/* "14:02:11.123456" */
struct timestamp_text timestamp_time(uint64_t unix_ns, bool utc);

/* "14:02:11.123" */
struct timestamp_text timestamp_clock(uint64_t unix_ns, bool utc);

/* The name of the time zone, such as "UTC" or "CET". */
struct timestamp_text timestamp_zone(uint64_t unix_ns, bool utc);

/* "2026-08-20T14:02:11.123456789Z", independent of the time zone */
struct timestamp_text timestamp_exact(uint64_t unix_ns);

/* A lifetime: "0.004s", "59.004s"; from one minute "04:12:09", from one day "6d 04:12:09" */
struct timestamp_text timestamp_lifetime(uint64_t duration_ns);

#endif
