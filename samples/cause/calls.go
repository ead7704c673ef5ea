// samples/cause/calls.go - calls C code that ends the program in the way that its argument names
package main

/*
#include <stdlib.h>

__attribute__((noinline)) void give_up(void)
{
	abort();
}

__attribute__((noinline)) void leave(void)
{
	exit(12);
}
*/
import "C"

import "os"

func main() {
	switch os.Args[1] {
	case "abort":
		C.give_up()
	case "exit":
		C.leave()
	}
}
