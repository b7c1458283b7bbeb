//! The program as the image has it, without an engine that builds images: the root file system of the Dockerfile's last stage, read-only,
//! and in it the console of a small sandbox, as the image's user.

use std::fs;
use std::io::{BufRead, BufReader, Read, Write};
use std::net::TcpStream;
use std::os::unix::fs::{MetadataExt, PermissionsExt};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};

use anyhow::{Context, Result, bail, ensure};

use crate::process::{output, program, run, succeeds, within};
use crate::site;

const UTIL_LINUX: &str = "install util-linux (Debian: apt-get install util-linux)";
const CONFINED: &str = include_str!("container/confined.sh");

/// What the image is made of.
pub struct Parts<'a> {
    pub program: &'a Path,
    pub site: &'a Path,
    pub sandbox: &'a Path,
}

/// What the Dockerfile says of its last stage.
#[derive(Debug, PartialEq, Eq)]
struct Image {
    /// What is copied from the build, and to where.
    copied: Vec<(String, String)>,
    /// `NAME=VALUE`.
    env: Vec<String>,
    user: String,
    volume: String,
}

impl Image {
    fn read(dockerfile: &str) -> Result<Self> {
        // The stage `base`, and the one that has no name.
        let stages = dockerfile.split("\nFROM ").skip(1);
        let lines: Vec<&str> = stages
            .filter(|stage| {
                let first = stage.lines().next().unwrap_or_default();
                first.ends_with(" AS base") || !first.contains(" AS ")
            })
            .flat_map(str::lines)
            .collect();
        let said = |word: &str| -> Vec<&str> {
            lines.iter().filter_map(|line| line.strip_prefix(word)?.strip_prefix(' ')).collect()
        };
        let mut copied = Vec::new();
        for copy in said("COPY") {
            let words: Vec<&str> = copy.split(' ').filter(|word| !word.starts_with("--")).collect();
            let (to, from) = words.split_last().context("COPY names nothing")?;
            copied.extend(from.iter().map(|from| ((*from).to_owned(), (*to).to_owned())));
        }
        let one = |word: &str| -> Result<String> {
            let last = said(word).last().copied();
            Ok(last.with_context(|| format!("the Dockerfile's last stage has no {word}"))?.to_owned())
        };
        let env = said("ENV").into_iter().map(str::to_owned).collect();
        Ok(Self { copied, env, user: one("USER")?, volume: one("VOLUME")? })
    }
}

/// Starts sandbox and console, asks for health and a file of the site, and looks who has written what.
///
/// # Errors
/// The program needs something that the image has not, or writes where it must not.
pub fn try_out(parts: &Parts<'_>) -> Result<()> {
    let home = within("target/container");
    if home.exists() {
        fs::remove_dir_all(&home)?;
    }
    let root = home.join("root");
    let image = Image::read(&fs::read_to_string(within("Dockerfile"))?)?;
    assemble(&root, &image, parts)?;
    if !succeeds(program("unshare").args(["--mount", "--propagation", "private", "true"])) {
        eprintln!(
            "NOT TRIED: nobody may mount here, so the program was not run in a read-only root. Run it as root: cargo xtask test container"
        );
        return run(program(root.join("usr/local/bin/countersign")).arg("--version"), "");
    }
    let confined = home.join("confined.sh");
    fs::write(&confined, CONFINED)?;
    fs::set_permissions(&confined, fs::Permissions::from_mode(0o755))?;
    let state = home.join("state");
    let mut sandbox = program(parts.sandbox);
    sandbox.args(["--devices", "20", "--port", "0", "--data"]).arg(&state).arg("--console").arg(&confined);
    sandbox.env("ROOT", &root).env("STATE", &state).env("OWNER", &image.user);
    sandbox.envs(image.env.iter().filter_map(|variable| variable.split_once('=')));
    let mut sandbox = Started::start(&mut sandbox)?;
    let address = sandbox.address()?;
    for path in ["/health", "/favicon.svg"] {
        let answer = get(&address, path)?;
        ensure!(answer.starts_with("HTTP/1.1 200"), "{path} of the console in its root: {answer}");
    }
    let owner: u32 = image.user.split(':').next().unwrap_or_default().parse()?;
    for written in ["console/serve.sqlite", "worker/work.sqlite"] {
        let file = state.join(written);
        let by = fs::metadata(&file).with_context(|| format!("{written} was not written"))?.uid();
        ensure!(by == owner, "{written} was written by the user {by}, not by {owner}");
    }
    sandbox.stop()?;
    eprintln!("ran in a read-only root as {owner}, and wrote below {} alone", image.volume);
    Ok(())
}

/// What the last stage has, and what its base image has for programs: glibc and what the program is linked with.
fn assemble(root: &Path, image: &Image, parts: &Parts<'_>) -> Result<()> {
    for folder in ["dev", "proc", "tmp", "etc", "var/lib/countersign"] {
        fs::create_dir_all(root.join(folder))?;
    }
    for (from, to) in &image.copied {
        let to = root.join(to.trim_start_matches('/'));
        match from.as_str() {
            "/out/countersign" => put(parts.program, &to)?,
            "/out/site" => site::copy(parts.site, &to)?,
            "/data" => fs::create_dir_all(&to)?,
            // Papers: those that are made with a release lie beside the program.
            paper => {
                let name = paper.trim_start_matches("/out/");
                let beside = parts.program.with_file_name(name);
                let found = [within(name), beside].into_iter().find(|file| file.is_file());
                match found {
                    Some(found) => put(&found, &to.join(name))?,
                    None => ensure!(
                        ["LICENCES.txt", "sbom.cdx.json"].contains(&name),
                        "the image copies {paper}, which is not known"
                    ),
                }
            }
        }
    }
    let linked =
        output(program("ldd").arg(parts.program), "install libc-bin (Debian: apt-get install libc-bin)")?;
    for library in linked.split_whitespace().filter(|word| word.starts_with('/')) {
        put(Path::new(library), &root.join(library.trim_start_matches('/')))?;
    }
    // As engines and the base image give them.
    for file in ["etc/hosts", "etc/nsswitch.conf", "etc/ssl/certs/ca-certificates.crt"] {
        let from = Path::new("/").join(file);
        if from.is_file() {
            put(&from, &root.join(file))?;
        }
    }
    Ok(())
}

fn put(from: &Path, to: &Path) -> Result<()> {
    if let Some(folder) = to.parent() {
        fs::create_dir_all(folder)?;
    }
    // A program of tests is hundreds of megabytes.
    if fs::hard_link(fs::canonicalize(from)?, to).is_err() {
        fs::copy(from, to).with_context(|| from.display().to_string())?;
    }
    Ok(())
}

/// Ended, with its console, whatever happens.
struct Started(Child);

impl Started {
    fn start(command: &mut Command) -> Result<Self> {
        Ok(Self(command.stdout(Stdio::piped()).spawn().context("the sandbox cannot be started")?))
    }

    /// What it prints when console and endpoints are there.
    fn address(&mut self) -> Result<String> {
        let stdout = self.0.stdout.take().context("the sandbox has no output")?;
        let mut lines = BufReader::new(stdout).lines();
        while let Some(line) = lines.next().transpose()? {
            if let Some(url) = line.strip_prefix("The sandbox is ready: http://") {
                std::thread::spawn(move || lines.for_each(drop));
                return Ok(url.trim_end_matches('/').replace("localhost", "127.0.0.1"));
            }
        }
        bail!("the sandbox ended before its console was ready; what it said is above")
    }

    fn stop(&mut self) -> Result<()> {
        run(program("kill").args(["-TERM", &self.0.id().to_string()]), UTIL_LINUX)?;
        let status = self.0.wait()?;
        ensure!(status.success(), "the sandbox ended with {status}");
        Ok(())
    }
}

impl Drop for Started {
    fn drop(&mut self) {
        if matches!(self.0.try_wait(), Ok(None)) {
            drop(self.stop());
        }
    }
}

fn get(address: &str, path: &str) -> Result<String> {
    let mut stream = TcpStream::connect(address)?;
    write!(stream, "GET {path} HTTP/1.1\r\nHost: {address}\r\nConnection: close\r\n\r\n")?;
    let mut answer = Vec::new();
    stream.read_to_end(&mut answer)?;
    Ok(String::from_utf8_lossy(&answer).into_owned())
}

/// Of a build here.
pub fn of_build(profile: crate::profile::Profile) -> Result<()> {
    let (console, sandbox): (PathBuf, PathBuf) = (profile.program("countersign"), profile.program("sandbox"));
    try_out(&Parts { program: &console, site: &site::folder(), sandbox: &sandbox })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_last_stage_is_read_with_what_it_is_based_on() {
        let text = "# x\n\nFROM rust AS build\nCOPY . .\nUSER root\nFROM distroless AS base\nCOPY --from=build /out/a /out/b /to/\nENV A=b\n\
                    VOLUME /data\nUSER 1:1\nFROM base AS sandbox\nCOPY --from=build /out/sandbox /x\nFROM base\nEXPOSE 1\n";
        let image = Image::read(text).unwrap();
        let copied =
            [("/out/a", "/to/"), ("/out/b", "/to/")].map(|(from, to)| (from.to_owned(), to.to_owned()));
        assert_eq!(
            image,
            Image {
                copied: copied.into(),
                env: vec!["A=b".to_owned()],
                user: "1:1".to_owned(),
                volume: "/data".to_owned()
            }
        );
        assert!(Image::read("FROM a\n\nFROM b\n").is_err());
        assert!(Image::read(&fs::read_to_string(within("Dockerfile")).unwrap()).unwrap().copied.len() > 4);
    }
}
