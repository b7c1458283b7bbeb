//! `countersign ledger`: a stored log is broken in every way, and the program says where.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};

use reqwest::StatusCode;
use tlog::{Checkpoint, File, Needs, ProofFile, SigningKey, Tree, inclusion, record_hash};

use crate::harness::{program, scratch, shared};
use crate::verbs::until;

const ORIGIN: &str = "test.example/log";

/// A log in a folder.
pub struct Stored {
    pub folder: PathBuf,
    pub key: SigningKey,
    pub entries: Vec<Vec<u8>>,
}

impl Stored {
    pub fn new(name: &str, entries: usize) -> Self {
        let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join("ledger").join(name);
        drop(fs::remove_dir_all(&folder));
        fs::create_dir_all(&folder).unwrap();
        let key = SigningKey::generate(ORIGIN).unwrap();
        Self::of(folder, key, (0..entries).map(|number| format!("entry {number}").into_bytes()).collect())
    }

    pub fn of(folder: PathBuf, key: SigningKey, entries: Vec<Vec<u8>>) -> Self {
        let stored = Self { folder, key, entries };
        fs::write(stored.folder.join("keys"), stored.key.public().to_string()).unwrap();
        stored.publish();
        stored
    }

    /// An entry with the proof that it is there.
    fn proof(&self, index: u64) -> ProofFile {
        let tiles = self.copy().into_iter().map(|(path, bytes)| {
            let path = path.strip_prefix(self.log()).unwrap().to_str().unwrap().to_owned();
            (path, bytes)
        });
        let tiles: BTreeMap<String, Vec<u8>> = tiles.collect();
        let (note, keys) = (tiles["checkpoint"].clone(), [self.key.public().clone()]);
        let at = Checkpoint::open(&note, ORIGIN, &keys, &[]).unwrap().checkpoint;
        let entry = self.entries[usize::try_from(index).unwrap()].clone();
        match inclusion(&at, index, record_hash(&entry), &tiles).unwrap() {
            Needs::Made(made) => ProofFile { entry, index, path: made.path, note },
            Needs::Tiles(paths) => panic!("{paths:?} are missing"),
        }
    }

    pub fn log(&self) -> PathBuf {
        self.folder.join("log")
    }

    fn state(&self) -> PathBuf {
        self.folder.join("witness")
    }

    /// Writes all files anew.
    pub fn publish(&self) {
        let (mut tree, mut files) = (Tree::default(), Vec::new());
        for entry in &self.entries {
            tree.append(entry, &mut files).unwrap();
        }
        files.extend(tree.partial());
        fs::create_dir_all(self.log()).unwrap();
        for File { path, bytes } in files {
            let path = self.log().join(path);
            fs::create_dir_all(path.parent().unwrap()).unwrap();
            fs::write(path, bytes).unwrap();
        }
        let checkpoint = Checkpoint { origin: ORIGIN.to_owned(), size: tree.size(), root: tree.root() };
        fs::write(self.log().join("checkpoint"), checkpoint.sign(&self.key).unwrap()).unwrap();
    }

    pub fn verify(&self, more: &[&str]) -> Output {
        run("verify", &self.log(), &self.folder.join("keys"), more)
    }

    fn witness(&self) -> Output {
        run("witness", &self.log(), &self.folder.join("keys"), &["--state", self.state().to_str().unwrap()])
    }

    fn copy(&self) -> BTreeMap<PathBuf, Vec<u8>> {
        let (mut folders, mut files) = (vec![self.log()], BTreeMap::new());
        while let Some(folder) = folders.pop() {
            for entry in fs::read_dir(folder).unwrap() {
                let path = entry.unwrap().path();
                match path.is_dir() {
                    true => folders.push(path),
                    false => drop(files.insert(path.clone(), fs::read(path).unwrap())),
                }
            }
        }
        files
    }

    fn restore(&self, copy: &BTreeMap<PathBuf, Vec<u8>>) {
        fs::remove_dir_all(self.log()).unwrap();
        for (path, bytes) in copy {
            fs::create_dir_all(path.parent().unwrap()).unwrap();
            fs::write(path, bytes).unwrap();
        }
    }

    /// Changes one file, asks what is wrong, and undoes it.
    fn broken(&self, path: &str, change: impl FnOnce(Vec<u8>) -> Option<Vec<u8>>) -> String {
        let file = self.log().join(path);
        let before = fs::read(&file).unwrap();
        match change(before.clone()) {
            Some(after) => fs::write(&file, after).unwrap(),
            None => fs::remove_file(&file).unwrap(),
        }
        let said = says(&self.verify(&[]), 2);
        fs::write(&file, before).unwrap();
        said
    }
}

fn run(command: &str, log: &Path, keys: &Path, more: &[&str]) -> Output {
    let mut program = Command::new(env!("CARGO_BIN_EXE_countersign"));
    program.args(["ledger", command]).arg(log).arg("--key").arg(keys).args(more).output().unwrap()
}

pub fn says(output: &Output, code: i32) -> String {
    let text = String::from_utf8(output.stdout.clone()).unwrap();
    assert_eq!(output.status.code(), Some(code), "{text}{}", String::from_utf8_lossy(&output.stderr));
    text
}

/// The bundle with these entries.
fn bundle(entries: &[Vec<u8>]) -> Vec<u8> {
    entries.iter().flat_map(|entry| [&[0, entry.len() as u8], entry.as_slice()].concat()).collect()
}

#[test]
fn attack_33_whatever_is_done_to_a_stored_log_is_named() {
    let stored = Stored::new("attack-33", 700);
    let said = says(&stored.verify(&[]), 0);
    assert!(said.contains("ok      the log test.example/log: 700 entries"), "{said}");
    let second = &stored.entries[256..512];
    let edit = |place: usize, entry: &str| {
        let mut entries = second.to_vec();
        entries[place] = entry.as_bytes().to_vec();
        Some(bundle(&entries))
    };
    let said = stored.broken("tile/entries/001", |_| edit(44, "entry 999"));
    assert!(said.contains("Entry 301 is not the one whose hash the tile tile/0/001 has"), "{said}");
    let said = stored.broken("tile/entries/001", |_| {
        let mut entries = second.to_vec();
        entries.swap(9, 10);
        Some(bundle(&entries))
    });
    assert!(said.contains("Entry 266 is not the one"), "{said}");
    let said = stored.broken("tile/entries/001", |_| Some(bundle(&second[1..])));
    assert!(
        said.contains("Entry 257 cannot be verified: its bundle tile/entries/001 has 255 entries"),
        "{said}"
    );
    let said = stored.broken("tile/entries/001", |_| None);
    assert!(said.contains("Entry 257 cannot be verified: its bundle tile/entries/001 is missing"), "{said}");
    let said = stored.broken("tile/entries/002.p/188", |mut bytes| {
        bytes.truncate(bytes.len() - 3);
        Some(bytes)
    });
    assert!(said.contains("it ends within its entry 188"), "{said}");
    for path in ["tile/0/000", "tile/0/002.p/188", "tile/1/000.p/2"] {
        let said = stored.broken(path, |mut bytes| {
            bytes[33] ^= 1;
            Some(bytes)
        });
        assert!(said.contains(path), "{said}");
        assert!(stored.broken(path, |_| None).contains("is missing"), "{path}");
    }
    assert!(stored.broken("checkpoint", |_| None).contains("There is no checkpoint"));
    says(&stored.verify(&[]), 0);
}

#[test]
fn attack_33_a_log_that_is_rewritten_as_a_whole_is_caught_by_the_key_or_by_who_has_seen_it() {
    let mut stored = Stored::new("rewritten", 300);
    says(&stored.witness(), 0);
    let kept = stored.folder.join("kept");
    fs::copy(stored.state().join("checkpoint"), &kept).unwrap();
    let since = ["--since", kept.to_str().unwrap()];

    // Without the key: the entries no longer make what was signed.
    let signed = fs::read(stored.log().join("checkpoint")).unwrap();
    let whole = stored.copy();
    stored.entries[7] = b"another".to_vec();
    stored.publish();
    let forged = fs::read(stored.log().join("checkpoint")).unwrap();
    fs::write(stored.log().join("checkpoint"), signed).unwrap();
    let said = says(&stored.verify(&[]), 2);
    assert!(said.contains("do not make the root that the checkpoint signs"), "{said}");

    // With the key: only who has kept a checkpoint sees it.
    fs::write(stored.log().join("checkpoint"), forged).unwrap();
    says(&stored.verify(&[]), 0);
    let said = says(&stored.verify(&since), 2);
    assert!(said.contains("does not go on from the checkpoint of 300 entries"), "{said}");
    let said = says(&stored.witness(), 2);
    assert!(said.contains("The log is forked: for its 300 entries"), "{said}");
    assert!(stored.state().join("conflict-300").exists());

    // It goes on from the fork.
    stored.entries.push(b"more".to_vec());
    stored.publish();
    let said = says(&stored.witness(), 2);
    assert!(said.contains("The log was rewritten: its 301 entries do not begin with the 300"), "{said}");

    // The true one goes on, and the witness with it.
    stored.restore(&whole);
    stored.entries[7] = b"entry 7".to_vec();
    stored.publish();
    let said = says(&stored.witness(), 0);
    assert!(said.contains("301 entries") && said.contains("goes on from 300"), "{said}");
    let said = says(&stored.verify(&since), 0);
    assert!(said.contains("goes on from the 300 entries that were kept"), "{said}");
}

#[test]
fn attack_34_a_log_that_goes_back_in_time_is_caught_by_who_has_seen_it() {
    let mut stored = Stored::new("attack-34", 200);
    let old = stored.copy();
    stored.entries.extend((200..260).map(|number| format!("entry {number}").into_bytes()));
    stored.publish();
    says(&stored.witness(), 0);
    let kept = stored.state().join("checkpoint");
    stored.restore(&old);
    says(&stored.verify(&[]), 0);
    let said = says(&stored.verify(&["--since", kept.to_str().unwrap()]), 2);
    assert!(said.contains("The log has shrunk: its checkpoint is of 200 entries"), "{said}");
    let said = says(&stored.witness(), 2);
    assert!(said.contains("The log has gone back: it had 260 entries"), "{said}");
}

#[test]
fn whoever_else_signs_is_not_believed_and_old_keys_stay_good() {
    let mut stored = Stored::new("keys", 10);
    let kept = stored.folder.join("kept");
    fs::copy(stored.log().join("checkpoint"), &kept).unwrap();
    let old = std::mem::replace(&mut stored.key, SigningKey::generate(ORIGIN).unwrap());
    stored.publish();
    let said = says(&stored.verify(&[]), 2);
    assert!(said.contains("it is signed by none of the log's keys"), "{said}");
    let both = format!("# the new one\n{}\n{}\n", stored.key.public(), old.public());
    fs::write(stored.folder.join("keys"), both).unwrap();
    says(&stored.verify(&["--since", kept.to_str().unwrap()]), 0);

    let printed = says(&stored.witness(), 0);
    let witness = printed.lines().next().unwrap().strip_prefix("witness ").unwrap();
    let file = stored.folder.join("witnesses");
    fs::write(&file, witness).unwrap();
    let (file, seen) = (file.to_str().unwrap().to_owned(), stored.state().join("checkpoint"));
    let said = says(&stored.verify(&["--witness", &file]), 2);
    assert!(said.contains("No witness of --witness has cosigned it"), "{said}");
    let said = says(&stored.verify(&["--witness", &file, "--since", seen.to_str().unwrap()]), 0);
    assert!(said.contains("cosigned by witness at "), "{said}");
}

#[test]
fn a_key_is_made_once_and_its_file_is_its_owners() {
    let out = Path::new(env!("CARGO_TARGET_TMPDIR")).join("made.key");
    drop(fs::remove_file(&out));
    let make = || {
        let mut program = Command::new(env!("CARGO_BIN_EXE_countersign"));
        program.args(["ledger", "key", ORIGIN, "--out"]).arg(&out).output().unwrap()
    };
    let printed = says(&make(), 0);
    let key: SigningKey = fs::read_to_string(&out).unwrap().parse().unwrap();
    assert_eq!(printed.trim(), key.public().to_string());
    let mode = std::os::unix::fs::MetadataExt::mode(&fs::metadata(&out).unwrap());
    assert_eq!(mode & 0o777, 0o600);
    says(&make(), 1);
}

#[test]
fn the_proof_of_one_entry_is_verified_without_the_log() {
    let stored = Stored::new("proof", 700);
    let keys = stored.folder.join("keys");
    let file = stored.folder.join("entry-300.tlog-proof");
    let verify = |proof: &ProofFile| {
        fs::write(&file, proof.to_bytes()).unwrap();
        let mut program = Command::new(env!("CARGO_BIN_EXE_countersign"));
        program.args(["ledger", "proof"]).arg(&file).arg("--key").arg(&keys).output().unwrap()
    };
    let proof = stored.proof(299);
    let said = says(&verify(&proof), 0);
    assert!(
        said.contains("ok      entry 300 of the log test.example/log, in its checkpoint of 700"),
        "{said}"
    );
    assert!(said.ends_with("entry 299\n"), "{said}");
    let said = says(&verify(&ProofFile { entry: b"entry 298".to_vec(), ..proof.clone() }), 2);
    assert!(said.contains("its entry is not the one that the log has at this place"), "{said}");
    says(&verify(&ProofFile { index: 298, ..proof.clone() }), 2);
    let other = SigningKey::generate(ORIGIN).unwrap();
    fs::write(&keys, other.public().to_string()).unwrap();
    let said = says(&verify(&proof), 2);
    assert!(said.contains("its checkpoint is not to be believed"), "{said}");
}

#[test]
fn a_witness_leaves_what_it_has_cosigned_beside_the_log() {
    let stored = Stored::new("published", 10);
    let state = stored.state();
    let printed = run(
        "witness",
        &stored.log(),
        &stored.folder.join("keys"),
        &["--state", state.to_str().unwrap(), "--publish"],
    );
    let printed = says(&printed, 0);
    let key = printed.lines().next().unwrap().strip_prefix("witness ").unwrap().parse().unwrap();
    let left = fs::read(stored.log().join(tlog::witness_path(&key))).unwrap();
    assert_eq!(left, fs::read(state.join("checkpoint")).unwrap());
    let keys = [stored.key.public().clone()];
    let opened = Checkpoint::open(&left, ORIGIN, &keys, &[key]).unwrap();
    assert_eq!((opened.checkpoint.size, opened.cosignatures.len()), (10, 1));
    says(&stored.verify(&[]), 0);
}

#[tokio::test]
async fn an_entry_is_downloaded_with_a_proof_under_the_key_of_kms() {
    let sandbox = &shared().sandbox;
    let keys = scratch("ledger-proof").join("keys");
    let of_kms = program(sandbox)
        .args(["ledger", "key", "sandbox.example/countersign", "--kms", &sandbox.ledger_key])
        .args(["--region", &sandbox.region])
        .output()
        .unwrap();
    fs::write(&keys, says(&of_kms, 0)).unwrap();
    let auditor = shared().browser_of("auditor").await;
    let path = "/ledger/proof?entry=1";
    assert_eq!(shared().browser().get(path).await.status, StatusCode::SEE_OTHER, "nobody");
    let proof = until("an entry in a checkpoint", async || {
        let answer = auditor.get(path).await;
        (answer.status == StatusCode::OK).then_some(answer)
    })
    .await;
    assert!(proof.header("content-disposition").contains("entry-1.tlog-proof"));
    let file = keys.with_file_name("entry-1.tlog-proof");
    let verify = |text: &str| {
        fs::write(&file, text).unwrap();
        let mut program = Command::new(env!("CARGO_BIN_EXE_countersign"));
        program.args(["ledger", "proof"]).arg(&file).arg("--key").arg(&keys).output().unwrap()
    };
    let said = says(&verify(&proof.text), 0);
    assert!(said.contains("ok      entry 1 of the log sandbox.example/countersign"), "{said}");
    says(&verify(&proof.text.replace("index 0", "index 1")), 2);
    let page = auditor.get("/ledger/entry/1").await;
    assert!(page.text.contains("In the checkpoint of") && page.text.contains(path), "{}", page.text);
    assert_eq!(auditor.get("/ledger/entry/999999").await.status, StatusCode::NOT_FOUND);
    assert_eq!(auditor.get("/ledger/proof?entry=999999").await.status, StatusCode::CONFLICT);
}
