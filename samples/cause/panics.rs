// samples/cause/panics.rs - ends in the way that its argument names; build with -C panic=abort
use std::hint::black_box;

#[inline(never)]
fn check(index: usize) {
    if index > 3 {
        panic!("{index} is too large");
    }
}

#[inline(never)]
fn look_up(index: usize) -> i32 {
    black_box(&[1, 2, 3][..])[index]
}

#[inline(never)]
fn unwrap_nothing() -> i32 {
    black_box(None::<i32>).unwrap()
}

#[inline(never)]
fn walk(depth: u64) -> u64 {
    let room = [depth; 20];
    black_box(&room);
    if depth == u64::MAX {
        return 0;
    }
    walk(depth + 1) + room[3]
}

#[inline(never)]
fn leave() {
    std::process::exit(7);
}

#[inline(never)]
fn give_up() {
    std::process::abort();
}

fn main() {
    match std::env::args().nth(1).as_deref() {
        Some("panic") => check(black_box(5)),
        Some("index") => println!("{}", look_up(black_box(50))),
        Some("unwrap") => println!("{}", unwrap_nothing()),
        Some("overflow") => println!("{}", walk(black_box(0))),
        Some("exit") => leave(),
        Some("abort") => give_up(),
        _ => std::process::exit(2),
    }
}
