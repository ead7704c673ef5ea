/* tests/symbols/described_objects.cc - C++ functions with known arguments, for
 * symbols/debug_arguments */
#define KEPT extern "C" __attribute__((noinline, visibility("default")))

namespace
{
volatile long sink;
}

struct empty {
};

/* Passed by reference: it has a copy constructor. */
struct counted {
	long count;
	counted(const counted &other) : count(other.count + 1)
	{
	}
};

struct floats {
	float parts[5];
};

struct four {
	float parts[4];
};

struct strict {
	alignas(16) long first;
	long second;
};

typedef signed char tiny;
enum level : tiny { LOW = -1, HIGH };

KEPT int tagged(empty tag, int n);
KEPT int tagged(empty tag, int n)
{
	(void)tag;
	sink = n;
	return n;
}

KEPT int object(counted c, int n);
/* NOLINTNEXTLINE(performance-unnecessary-value-param): passed by value on purpose */
KEPT int object(counted c, int n)
{
	sink = c.count + n;
	return n;
}

KEPT int five_floats(floats f, int n);
KEPT int five_floats(floats f, int n)
{
	sink = (long)f.parts[4] + n;
	return n;
}

KEPT int four_floats(four f, int n);
KEPT int four_floats(four f, int n)
{
	sink = (long)f.parts[3] + n;
	return n;
}

KEPT level levels(level l, int &n);
KEPT level levels(level l, int &n)
{
	sink = n;
	return l;
}

/* Where the words behind them are on the stack is not known. */
KEPT long aligned(long a, long b, long c, long d, long e, long f, strict s, long g);
/* NOLINTNEXTLINE(readability-function-size): more than fit into registers */
KEPT long aligned(long a, long b, long c, long d, long e, long f, strict s, long g)
{
	sink = a + b + c + d + e + f + s.second + g;
	return g;
}

#if defined(__x86_64__)
KEPT long quad(long a, long b, long c, long d, long e, long f, __float128 x, long g);
/* NOLINTNEXTLINE(readability-function-size): as above */
KEPT long quad(long a, long b, long c, long d, long e, long f, __float128 x, long g)
{
	sink = a + b + c + d + e + f + (long)x + g;
	return g;
}
#endif
