/* analyze/trace/timestamp.h - points in time as people type and read them */
#ifndef ANALYZE_TRACE_TIMESTAMP_H
#define ANALYZE_TRACE_TIMESTAMP_H

#include <stdbool.h>
#include <stdint.h>

enum timestamp_base {
	TIMESTAMP_NONE,       /* no limit */
	TIMESTAMP_UNIX,       /* ns since 1970 */
	TIMESTAMP_START,      /* ns after the start of the trace */
	TIMESTAMP_END,        /* ns before its end */
	TIMESTAMP_CLOCK_TIME, /* ns since midnight: the first such timestamp of the trace */
};

struct timestamp {
	enum timestamp_base base;
	uint64_t ns;
	bool utc; /* of TIMESTAMP_CLOCK_TIME: not the local time */
};

/* Where a timestamp is resolved: the times are in ns since 1970. */
struct time_range {
	uint64_t first_ns;
	uint64_t last_ns;
};

/* Room for a date and time, or for a time to the microsecond, the NUL included. */
#define TIMESTAMP_TEXT_MAX 48u

/* A short text, returned by value so that it can be used inside one call of printf(). */
struct timestamp_text {
	char text[TIMESTAMP_TEXT_MAX];
};

/*
 * 2026-08-20 14:02:11.5, 2026-08-20T14:02Z, 2026-08-20; @1766242931.25 (since 1970); +5s and
 * +1h30m (after the start); -10s (before the end); 14:02 and 14:02:11 (of the day). Local time
 * unless `utc` or a Z at the end. False, with *ret_moment untouched, if it is none of these.
 */
bool timestamp_parse(const char *text, bool utc, struct timestamp *ret_moment);

/* In ns since 1970; saturates. TIMESTAMP_NONE gives 0. */
uint64_t timestamp_resolve(const struct timestamp *timestamp, const struct time_range *span);

/* "2026-08-20 14:02:11" */
struct timestamp_text timestamp_date(uint64_t unix_ns, bool utc);

/* "14:02:11.123456" */
struct timestamp_text timestamp_time(uint64_t unix_ns, bool utc);

/* "2026-08-20T14:02:11.123456789Z", which is the same everywhere */
struct timestamp_text timestamp_exact(uint64_t unix_ns);

/* A lifetime: "0.004s", "59.004s"; from a minute on "04:12:09", from a day on "6d 04:12:09" */
struct timestamp_text timestamp_lifetime(uint64_t duration_ns);

#endif
