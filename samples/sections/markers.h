/* samples/sections/markers.h - the ways in which a C program can say where a section starts and
 * stops */
#ifndef SAMPLES_SECTIONS_MARKERS_H
#define SAMPLES_SECTIONS_MARKERS_H

/* How a section is marked. start() takes the threshold in ms and, where the way knows labels, a
 * label. */
struct marker {
	const char *name;
	void (*start)(int threshold_ms, const char *label);
	void (*stop)(void);
};

/* "syscall", "syscall-pointer", "usdt", "path", or "function" (which only calls section_begin() and
 * section_end(), for probes from outside). NULL if there is no such way. */
const struct marker *marker_find(const char *name);

#endif
