/* samples/demo/segfaults.c - a program that follows a null pointer */
#include <stdio.h>

static int first_letter(const char *word)
{
	return word[0];
}

int main(int argc, char **argv)
{
	/* argv[argc] is the null pointer that ends the list. */
	return printf("%c\n", first_letter(argv[argc])) < 0;
}
