//! Asked to stop, the program stops, whatever browsers hold open.

use std::io::{BufRead, BufReader, Read};
use std::net::TcpStream;
use std::process::{Command, Stdio};
use std::time::Duration;

use crate::harness::{LISTENING, configuration, ended, program, shared};

#[test]
fn a_signal_ends_the_program_in_good_time() {
    let sandbox = &shared().sandbox;
    let file = configuration(sandbox, "stop", |config| config);
    let mut console = program(sandbox);
    let mut console =
        console.args(["serve", "--with-work", "--config"]).arg(file).stdout(Stdio::piped()).spawn().unwrap();
    let mut lines = BufReader::new(console.stdout.take().unwrap()).lines().map(Result::unwrap);
    let line = lines.find(|line| line.starts_with(LISTENING)).unwrap();
    let port = line.trim().rsplit(':').next().unwrap();
    // Somebody who never finishes their request.
    let mut open = TcpStream::connect(format!("127.0.0.1:{port}")).unwrap();
    std::io::Write::write_all(&mut open, b"GET / HTTP/1.1\r\nHost: localhost\r\n").unwrap();
    let kill = Command::new("sh").args(["-c", "kill -TERM $0", &console.id().to_string()]).status().unwrap();
    assert!(kill.success());
    assert!(ended(&mut console, Duration::from_secs(15)), "it still runs");
    assert_eq!(console.wait().unwrap().code(), Some(0));
    assert_eq!(open.read(&mut [0; 1]).unwrap_or(0), 0, "the connection is closed");
}
