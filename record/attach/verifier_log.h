/* record/attach/verifier_log.h - why the kernel's verifier refused a BPF program
 *
 * libbpf loads a refused program once more to get the log of the verifier, and prints it as one
 * message. A kernel that forbids bpf(2) altogether writes no log.
 */
#ifndef RECORD_ATTACH_VERIFIER_LOG_H
#define RECORD_ATTACH_VERIFIER_LOG_H

#define VERIFIER_LOG_PROGRAM_BYTES 64
#define VERIFIER_LOG_REASON_BYTES  256

/* All zero: no program was refused. */
struct verifier_log {
	char program[VERIFIER_LOG_PROGRAM_BYTES];
	char reason[VERIFIER_LOG_REASON_BYTES]; /* the last two lines, such as "3: (95) exit; R0
						 * !read_ok"; cut if they are long */
};

/* Reads what libbpf prints. Only a message with the log of a program changes `log`; the first such
 * one stays. */
void verifier_log_read(struct verifier_log *log, const char *message);

#endif
