/* diag/section.h - marks a section of a thread that diag-record can time: needs no library, one nop
 *when nobody looks
 *
 *	diag_section_start("checkout", 20 * 1000 * 1000);   kept if it takes 20 ms or more
 *	...
 *	diag_section_stop();
 *
 * Sections nest, and belong to the thread that starts them. The two probes, diag:section_start and
 * diag:section_stop, are in the format that perf, bpftrace and SystemTap call USDT or SDT.
 */
#ifndef DIAG_SECTION_H
#define DIAG_SECTION_H

#include <stdint.h>

/* As threshold_ns: what diag-record was told with --threshold. */
#define DIAG_SECTION_DEFAULT 0

#if defined(__x86_64__) || defined(__aarch64__)

/* One nop, and a note for tracers with its address, its name and where its arguments are. */
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

/* Begins a section that ends with the matching diag_section_stop() of the same thread. label is a
 * NUL-terminated name that stays valid until then, of which 47 bytes count. */
static inline void diag_section_start(const char *label, uint64_t threshold_ns)
{
	DIAG_SECTION_PROBE("section_start", "8@%0 8@%1", "nor"(label), "nor"(threshold_ns));
}

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
