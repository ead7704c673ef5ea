/* samples/sections/markers.h - the ways in which a C program can mark sections */
#ifndef SAMPLES_SECTIONS_MARKERS_H
#define SAMPLES_SECTIONS_MARKERS_H

/* A way to mark a section. start() takes the threshold in ms, and a label if the way has labels. */
struct marker {
	const char *name;
	void (*start)(int threshold_ms, const char *label);
	void (*stop)(void);
};

/* Returns the way "syscall", "syscall-pointer", "usdt", "path" or "function" (which only calls
 * section_begin() and section_end(), for uprobes). Returns NULL for any other name. */
const struct marker *marker_find(const char *name);

#endif
