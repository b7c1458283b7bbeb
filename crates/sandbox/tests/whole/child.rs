//! The console as the sandbox's child, played by a shell script.

use std::os::unix::fs::PermissionsExt;
use std::path::PathBuf;

use sandbox::{Console, Options, Sandbox};

use crate::support::{Directory, small};

fn script(directory: &Directory, body: &str) -> Option<Console> {
    let program: PathBuf = directory.path().join("console.sh");
    std::fs::write(&program, format!("#!/bin/sh\n{body}\n")).unwrap();
    std::fs::set_permissions(&program, std::fs::Permissions::from_mode(0o755)).unwrap();
    Some(Console { program, site: None })
}

/// Leaves notes on how each of the two was started and stopped; `serve` answers the health check.
const HEALTHY: &str = r#"
cd "$(dirname "$0")"
verb=$1
echo "$*" > arguments.$verb; env > half.$verb
trap 'echo asked > stopped.$verb; kill $child; exit 0' TERM
mv half.$verb environment.$verb
if [ $verb = serve ]; then
port=$(sed -n 's/^listen = "127.0.0.1:\([0-9]*\)"/\1/p' "$3")
python3 -c "
import http.server, os, sys, time
class Health(http.server.BaseHTTPRequestHandler):
    protocol_version = 'HTTP/1.1'
    def do_GET(self):
        self.send_response(200 if self.path == '/health' else 404)
        self.send_header('Content-Length', '0'); self.end_headers()
    def log_message(self, *a): pass
while not os.path.exists('environment.work'): time.sleep(0.05)
http.server.HTTPServer(('127.0.0.1', int(sys.argv[1])), Health).serve_forever()
" "$port" & child=$!
else sleep 600 & child=$!
fi
wait $child
"#;

#[tokio::test]
async fn the_console_is_started_with_its_surroundings_and_asked_to_stop() {
    let directory = Directory::new();
    let options = Options { console: script(&directory, HEALTHY), ..small(&directory) };
    let sandbox = Sandbox::start(options).await.unwrap();
    let description = sandbox.description().clone();
    let read = |name: &str| std::fs::read_to_string(directory.path().join(name)).unwrap();
    for (verb, config) in [("serve", &description.config), ("work", &description.worker_config)] {
        assert_eq!(
            read(&format!("arguments.{verb}")).trim(),
            format!("{verb} --config {}", config.display())
        );
        let environment = read(&format!("environment.{verb}"));
        for (name, value) in &description.env {
            assert!(environment.lines().any(|line| line == format!("{name}={value}")), "{verb}: {name}");
        }
    }
    sandbox.shutdown().await;
    assert_eq!(read("stopped.serve").trim(), "asked");
    assert_eq!(read("stopped.work").trim(), "asked");
}

#[tokio::test]
async fn a_console_that_dies_ends_the_sandbox() {
    let directory = Directory::new();
    let options = Options { console: script(&directory, "exit 3"), ..small(&directory) };
    let error = Sandbox::start(options).await.err().unwrap().to_string();
    assert!(error.contains("the console ended") && error.contains('3'), "{error}");
    assert!(!directory.path().join("data/sandbox.json").exists());

    // As soon as all is started.
    let started = "while [ ! -e data/sandbox.json ]; do sleep 0.1; done";
    let short_lived = HEALTHY.replace("wait $child", &format!("{started}; kill $child; exit 7"));
    let options = Options { console: script(&directory, &short_lived), ..small(&directory) };
    let mut sandbox = Sandbox::start(options).await.unwrap();
    let failure = tokio::time::timeout(sandbox::PATIENCE, sandbox.failure()).await.unwrap().to_string();
    assert!(failure.contains("the console ended") && failure.contains('7'), "{failure}");
    sandbox.shutdown().await;
}
