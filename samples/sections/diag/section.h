/* diag/section.h - marks sections that diag-record can record
 *
 * Needs no library. A mark is a single nop while no tracer is attached; a start reads one byte of
 * its label before, since a tracer can read only what is in memory.
 *
 *	diag_section_start("checkout", 20 * 1000 * 1000);   kept if it takes 20 ms or more
 *	...
 *	diag_section_stop();
 *
 * Sections nest, and belong to the thread that starts them. The two probes, diag:section_start and
 * diag:section_stop, are USDT (SDT) probes, as perf, bpftrace and SystemTap use them.
 */
#ifndef DIAG_SECTION_H
#define DIAG_SECTION_H

#include <stdint.h>

/* As threshold_ns: the threshold of diag-record --threshold. */
#define DIAG_SECTION_DEFAULT 0

#if defined(__x86_64__) || defined(__aarch64__)

/* One nop, and a note for tracers with its address, its name and the places of its arguments. */
#define DIAG_SECTION_PROBE(name, arguments, ...)                                                   \
	__asm__ __volatile__("990:	nop\n"                                                          \
			     "	.pushsection .note.stapsdt, \"?\", \"note\"\n"                      \
			     "	.balign 4\n"                                                        \
			     "	.4byte 992f - 991f, 994f - 993f, 3\n"                               \
			     "991:	.asciz \"stapsdt\"\n"                                           \
			     "992:	.balign 4\n"                                                    \
			     "993:	.8byte 990b, _.stapsdt.base, 0\n"                               \
			     "	.asciz \"diag\"\n"                                                  \
			     "	.asciz \"" name "\"\n"                                             \
			     "	.asciz \"" arguments "\"\n"                                        \
			     "994:	.balign 4\n"                                                    \
			     "	.popsection\n"                                                      \
			     "	.ifndef _.stapsdt.base\n"                                           \
			     "	.pushsection .stapsdt.base, \"aG\", \"progbits\", "                 \
			     ".stapsdt.base, comdat\n"                                             \
			     "	.weak _.stapsdt.base\n"                                             \
			     "	.hidden _.stapsdt.base\n"                                           \
			     "_.stapsdt.base:	.space 1\n"                                          \
			     "	.size _.stapsdt.base, 1\n"                                          \
			     "	.popsection\n"                                                      \
			     "	.endif\n" ::__VA_ARGS__)

/* Starts a section, which ends with the matching diag_section_stop() of the same thread. Borrows
 * label until then: a NUL-terminated name, of which 47 bytes are recorded. */
static inline void diag_section_start(const char *label, uint64_t threshold_ns)
{
	if (label)
		(void)*(const volatile char *)label;
	DIAG_SECTION_PROBE("section_start", "8@%0 8@%1", "nor"(label), "nor"(threshold_ns));
}

/* Stops the innermost section of this thread that was started by diag_section_start(). */
static inline void diag_section_stop(void)
{
	DIAG_SECTION_PROBE("section_stop", "", "n"(0));
}

#else

static inline void diag_section_start(const char *label, uint64_t threshold_ns)
{
	(void)label;
	(void)threshold_ns;
}

static inline void diag_section_stop(void)
{
}

#endif
#endif
