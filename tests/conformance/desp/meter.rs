//! `meter PROGRAM …` runs a program and writes what it cost: microseconds of processor time, and the bytes of its peak.

use std::env;
use std::process::{Command, ExitCode, Stdio};

use wait4::Wait4;

fn main() -> ExitCode {
    let mut arguments = env::args_os().skip(1);
    let program = arguments.next().expect("the name of a program");
    let mut child = Command::new(program)
        .args(arguments)
        .stdout(Stdio::null())
        .spawn()
        .expect("the program starts");
    let ended = child.wait4().expect("it ends");
    let processor = ended.rusage.utime + ended.rusage.stime;
    println!("{} {}", processor.as_micros(), ended.rusage.maxrss);
    ExitCode::from(u8::from(!ended.status.success()))
}
