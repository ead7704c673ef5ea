/* flame/tree/status.h - how reading and drawing can end */
#ifndef FLAME_TREE_STATUS_H
#define FLAME_TREE_STATUS_H

enum flame_status {
	FLAME_OK,
	FLAME_EMPTY,     /* not one stack that counts */
	FLAME_OVERFLOW,  /* the counts do not fit 64 bits */
	FLAME_TOO_LARGE, /* more distinct frames than can be numbered */
	FLAME_NO_MEMORY,
	FLAME_IO,     /* errno says why */
	FLAME_FORMAT, /* the input is not what it was said to be */
};

/* A phrase for a message, such as "out of memory". */
const char *flame_status_text(enum flame_status status);
#endif
