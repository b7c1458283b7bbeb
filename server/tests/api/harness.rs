//! The sandbox in this process, shared by all tests, and consoles as child processes of their own.

use std::io::{BufRead, BufReader};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::{LazyLock, mpsc};
use std::time::{Duration, Instant};

use sandbox::{Description, Options, Sandbox};

use tokio::sync::OnceCell;

use crate::client::Client;
use crate::verbs::authority;

/// The sandbox and the console that most tests share.
pub struct Shared {
    pub sandbox: Description,
    pub console: Console,
}

static SHARED: LazyLock<Shared> = LazyLock::new(|| {
    let sandbox = own_sandbox("sandbox");
    let console = Console::start(&sandbox, "shared", |config| config);
    Shared { sandbox, console }
});

/// Starts both at the first call.
pub fn shared() -> &'static Shared {
    LazyLock::force(&SHARED)
}

/// The same, after a run of each authority: what can be revoked is known.
pub async fn reconciled() -> &'static Shared {
    static RUNS: OnceCell<()> = OnceCell::const_new();
    let runs = async || {
        let operator = shared().browser_of("operator").await;
        for one in &shared().sandbox.authorities {
            operator.run(&authority(&shared().sandbox, &one.name)).await;
        }
    };
    RUNS.get_or_init(runs).await;
    shared()
}

impl Shared {
    /// A browser in which nobody is signed in.
    pub fn browser(&self) -> Client {
        Client::new(&self.console.url)
    }

    /// A browser in which somebody is.
    pub async fn browser_of(&self, username: &str) -> Client {
        let browser = self.browser();
        browser.sign_in(username).await;
        browser
    }
}

/// A sandbox for one test that leaves nothing as it was. It runs on a thread of its own until the process ends: tests
/// come and go with their runtimes.
pub fn own_sandbox(name: &str) -> Description {
    let (send, receive) = mpsc::channel();
    let directory = scratch(name);
    std::thread::spawn(move || {
        let runtime = tokio::runtime::Runtime::new().unwrap();
        runtime.block_on(async {
            let options = Options {
                reset: true,
                devices: 40,
                port: 0,
                report_interval: Duration::from_secs(1),
                report_delay: Duration::from_millis(100),
                issue_delay: Duration::from_millis(20),
                crl_delay: Duration::from_millis(500),
                new_devices_per_minute: 0,
                ..Options::new(directory)
            };
            let mut sandbox = Sandbox::start(options).await.expect("the sandbox starts");
            send.send(sandbox.description().clone()).unwrap();
            panic!("{}", sandbox.failure().await);
        });
    });
    receive.recv().expect("the sandbox starts")
}

/// A fresh directory for files that nobody needs afterwards.
pub fn scratch(name: &str) -> PathBuf {
    static RUN: LazyLock<PathBuf> = LazyLock::new(|| {
        let all = Path::new(env!("CARGO_TARGET_TMPDIR")).join("api");
        // Those of earlier runs; a run of somebody else may still use its own.
        for old in std::fs::read_dir(&all).into_iter().flatten().flatten() {
            let running = Path::new("/proc").join(old.file_name()).exists();
            if !running {
                drop(std::fs::remove_dir_all(old.path()));
            }
        }
        all.join(std::process::id().to_string())
    });
    let directory = RUN.join(name);
    std::fs::create_dir_all(&directory).unwrap();
    directory
}

/// What the program says when it is ready, before the address.
pub const LISTENING: &str = "listening on ";
const OPERATIONS: &str = "operations on ";

const PROGRAM: &str = env!("CARGO_BIN_EXE_countersign");

/// Kills the console when this process ends, however it does: that closes the shell's standard input. Passes SIGTERM on,
/// and ends with it.
const LEASH: &str = r#"
exec 3<&0
"$0" "$@" <&- 3<&- & console=$!
trap 'kill -TERM $console' TERM
(cat <&3 >/dev/null; kill -9 $console) & leash=$!
exec 3<&-
wait $console; status=$?
while kill -0 $console 2>/dev/null; do wait $console; status=$?; done
kill $leash 2>/dev/null
exit $status
"#;

/// A console, or a worker, in a process of its own. Dropping it kills it.
pub struct Console {
    /// Empty for a worker.
    pub url: String,
    /// Where health and metrics are.
    pub operations: String,
    child: Child,
}

impl Console {
    /// Starts one on a free port against the sandbox, with its configuration changed by `change`.
    pub fn start(sandbox: &Description, name: &str, change: impl FnOnce(String) -> String) -> Self {
        Self::start_with(sandbox, name, change, &[])
    }

    /// The same, with more variables.
    pub fn start_with(
        sandbox: &Description,
        name: &str,
        change: impl FnOnce(String) -> String,
        variables: &[(&str, &str)],
    ) -> Self {
        Self::run(&["serve", "--with-work"], sandbox, name, change, variables)
    }

    /// Starts the program with this command.
    pub fn run(
        command: &[&str],
        sandbox: &Description,
        name: &str,
        change: impl FnOnce(String) -> String,
        variables: &[(&str, &str)],
    ) -> Self {
        let last = if command[0] == "work" { OPERATIONS } else { LISTENING };
        let config = configuration(sandbox, name, change);
        let mut program = in_surroundings(Command::new("sh"), sandbox);
        program
            .args(["-c", LEASH, PROGRAM])
            .args(command)
            .arg("--config")
            .arg(&config)
            .envs(variables.iter().copied());
        let mut child = program.stdin(Stdio::piped()).stdout(Stdio::piped()).spawn().unwrap();
        let stdout = BufReader::new(child.stdout.take().unwrap());
        let (send, receive) = mpsc::channel();
        std::thread::spawn(move || {
            for line in stdout.lines().map_while(Result::ok) {
                drop(send.send(line));
            }
        });
        let (url, operations) = addresses(&receive, last);
        Self { url, operations, child }
    }

    pub fn browser(&self) -> Client {
        Client::new(&self.url)
    }

    /// Whoever looks after the program.
    pub fn operator(&self) -> Client {
        Client::new(&self.operations)
    }

    /// Ends it at once, as a crash would.
    pub fn kill(&mut self) {
        drop(self.child.stdin.take());
        drop(self.child.wait());
    }

    /// Asks it to stop, and waits until it has.
    pub fn stop(&mut self) {
        let id = self.child.id().to_string();
        assert!(Command::new("sh").args(["-c", "kill -TERM $0", &id]).status().unwrap().success());
        assert!(self.ended(sandbox::PATIENCE), "it stops when it is asked to");
    }

    /// Waits until it has ended by itself.
    pub fn ended(&mut self, within: Duration) -> bool {
        ended(&mut self.child, within)
    }
}

/// Waits until a process has ended by itself; whether it has.
pub fn ended(child: &mut Child, within: Duration) -> bool {
    let deadline = Instant::now() + within;
    while Instant::now() < deadline {
        if child.try_wait().unwrap().is_some() {
            return true;
        }
        // time passes: between two looks.
        std::thread::sleep(Duration::from_millis(50));
    }
    false
}

impl Drop for Console {
    fn drop(&mut self) {
        self.kill();
    }
}

/// Where the program listens, for browsers and for those who run it, by what it says until the line that begins with
/// `last`.
fn addresses(lines: &mpsc::Receiver<String>, last: &str) -> (String, String) {
    let (mut url, mut operations) = (String::new(), String::new());
    loop {
        let line = lines.recv_timeout(sandbox::PATIENCE).expect("it is ready in time");
        if let Some(address) = line.strip_prefix(LISTENING) {
            url = address.to_owned();
        } else if let Some(address) = line.strip_prefix(OPERATIONS) {
            operations = address.to_owned();
        }
        if line.starts_with(last) {
            return (url, operations);
        }
    }
}

/// The sandbox's configuration for a console on a free port with files of its own.
pub fn configuration(sandbox: &Description, name: &str, change: impl FnOnce(String) -> String) -> PathBuf {
    let directory = scratch(name);
    let original = std::fs::read_to_string(&sandbox.worker_config).unwrap();
    let own = original.lines().map(|line| match line.split(" = ").next() {
        Some("listen") => "listen = \"127.0.0.1:0\"".to_owned(),
        Some("public_url") => String::new(),
        Some("data_dir") => format!("data_dir = {:?}", directory.join("data")),
        // What was issued a moment ago is judged, by a report made now.
        Some("grace") => "grace = \"0s\"".to_owned(),
        Some("report_max_age") => "report_max_age = \"0s\"".to_owned(),
        _ => line.to_owned(),
    });
    let text: String = own.flat_map(|line| [line, "\n".to_owned()]).collect();
    let file = directory.join("countersign.toml");
    std::fs::write(&file, change(text)).unwrap();
    file
}

/// The program, in the surroundings that the sandbox prescribes and no others.
pub fn program(sandbox: &Description) -> Command {
    in_surroundings(Command::new(PROGRAM), sandbox)
}

fn in_surroundings(mut command: Command, sandbox: &Description) -> Command {
    for (name, _) in std::env::vars_os() {
        if name.to_string_lossy().starts_with("AWS_") {
            command.env_remove(name);
        }
    }
    command.envs(&sandbox.env).env("COUNTERSIGN_LOG", "warn");
    command
}
