/* flame/tree/status.h - results of reading and drawing */
#ifndef FLAME_TREE_STATUS_H
#define FLAME_TREE_STATUS_H

enum flame_status {
	FLAME_OK,
	FLAME_EMPTY,     /* no stack with a weight; no line left */
	FLAME_OVERFLOW,  /* the sum of the counts exceeds 64 bits */
	FLAME_TOO_LARGE, /* more distinct frames than ids */
	FLAME_NO_MEMORY, /* an allocation failed */
	FLAME_IO,        /* errno has the reason */
	FLAME_FORMAT,    /* a line is not of the format */
};

/* Returns the phrase for a message, such as "out of memory". Static. */
const char *flame_status_text(enum flame_status status);
#endif
