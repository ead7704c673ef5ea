/* tests/cli/lines_main.c - a program that dies in a third party's library, for lines.sh */
void third_run(int value);

static volatile int sink;

static __attribute__((noinline)) void middle(int value)
{
	third_run(value * 2);
	sink++;
}

int main(int argc, char **argv)
{
	(void)argv;
	middle(argc + 4);
	sink++;
	return 0;
}
