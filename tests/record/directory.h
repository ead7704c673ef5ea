/* tests/record/directory.h - an empty directory that a test works in */
#ifndef TESTS_RECORD_DIRECTORY_H
#define TESTS_RECORD_DIRECTORY_H

/* Set-up and tear-down for cmocka: makes a directory and goes there; comes back and removes it with
 * the files in it. */
int directory_enter(void **state);
int directory_leave(void **state);

#endif
