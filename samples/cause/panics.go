// samples/cause/panics.go - ends in the way that its argument names; GOTRACEBACK=crash makes a panic abort
package main

import "os"

//go:noinline
func check(index int) {
	if index > 3 {
		panic("too large")
	}
}

//go:noinline
func leave() {
	os.Exit(7)
}

//go:noinline
func lookUp(numbers []int, index int) int {
	return numbers[index]
}

type node struct{ next *node }

//go:noinline
func follow(from *node) *node {
	return from.next
}

func main() {
	switch os.Args[1] {
	case "panic":
		check(5)
	case "nil":
		follow(nil)
	case "index":
		lookUp([]int{1}, len(os.Args)+3)
	case "exit":
		leave()
	}
}
