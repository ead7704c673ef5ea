/* record/common/process_title.h - the command line that /proc shows for a process
 *
 * fork() keeps the command line, so that a helper process would look like the recorder:
 * `pidof diag-record` would print both. The kernel reads the command line from the memory that
 * main() got as argv. A process that writes its title there needs a copy of the arguments.
 */
#ifndef RECORD_COMMON_PROCESS_TITLE_H
#define RECORD_COMMON_PROCESS_TITLE_H

/* Returns a copy of argv, which ends with NULL too, and remembers the memory of argv for
 * process_title_set(). Call once, before anything keeps a pointer into argv. The caller must
 * free() the copy when nothing points into it any more. Returns NULL on allocation failure. */
char **process_title_take_arguments(int argc, char **argv);

/* Replaces the command line of this process by name, truncated to the length of the first one. No
 * effect before process_title_take_arguments(). */
void process_title_set(const char *name);

#endif
