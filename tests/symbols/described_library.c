/* tests/symbols/described_library.c - functions with known arguments, for symbols/debug_arguments
 */
#include <stdbool.h>
#include <stddef.h>

#define KEPT __attribute__((noinline, visibility("default")))

enum colour { RED, GREEN };

struct pair {
	int first;
	long second;
};

struct floats {
	double first;
	double second;
};

struct mixed {
	float parts[2];
	char letter;
};

struct large {
	long words[3];
};

/* The contents do not matter; the optimizer must not see that. */
static volatile long sink;

KEPT int numbers(signed char a, unsigned short b, int c, long d, unsigned long e, bool f, int g);
/* NOLINTNEXTLINE(readability-function-size): one of each type */
KEPT int numbers(signed char a, unsigned short b, int c, long d, unsigned long e, bool f, int g)
{
	sink = a + b + c + d + (long)e + f + g;
	return g;
}

KEPT void *texts(const char *text, char *const *list, void (*function)(int), int unused);
KEPT void *texts(const char *text, char *const *list, void (*function)(int), int unused)
{
	(void)unused;
	sink = (long)text + (long)list + (long)function;
	/* NOLINTNEXTLINE(performance-no-int-to-ptr): any value */
	return (void *)sink;
}

KEPT double decimals(double x, int n, float y, long m);
KEPT double decimals(double x, int n, float y, long m)
{
	sink = (long)x + n + (long)y + m;
	return x;
}

KEPT struct large large_result(int after);
KEPT struct large large_result(int after)
{
	sink = after;
	return (struct large){{after, 2, 3}};
}

KEPT int structures(struct pair p, struct floats f, struct mixed x, int n);
KEPT int structures(struct pair p, struct floats f, struct mixed x, int n)
{
	sink = p.first + p.second + (long)f.first + (long)f.second + x.letter + n;
	return n;
}

KEPT bool by_memory(struct large l, int n);
KEPT bool by_memory(struct large l, int n)
{
	sink = l.words[1] + n;
	return n > 0;
}

KEPT long many(long a, long b, long c, long d, long e, long f, long double x, long g, short h,
	       const char *i, struct large l, long j);
/* NOLINTNEXTLINE(readability-function-size): more than fit into registers */
KEPT long many(long a, long b, long c, long d, long e, long f, long double x, long g, short h,
	       const char *i, struct large l, long j)
{
	sink = a + b + c + d + e + f + (long)x + g + h + (long)i + l.words[0] + j;
	return j;
}

KEPT enum colour colours(enum colour c, size_t size);
KEPT enum colour colours(enum colour c, size_t size)
{
	sink = (long)size;
	return c;
}

KEPT void nothing(void);
KEPT void nothing(void)
{
	sink = 1;
}

KEPT unsigned int any_number(const volatile char *format, ...);
KEPT unsigned int any_number(const volatile char *format, ...)
{
	sink = (unsigned char)*format;
	return 1;
}
