//! What the sandbox keeps between starts, apart from what its endpoints keep themselves: `state.json`.

use std::fs;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use anyhow::{Context, bail};
use serde::{Deserialize, Serialize};

use crate::authorities::Authority;
use crate::fleet::PlantedCertificate;
use crate::keys::{self, AccessKey, Role};
use crate::ports::Ports;
use crate::trail::Evidence;
use crate::{Options, files, secret};

const FILE: &str = "state.json";

/// The content of the file.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(crate) struct State {
    pub(crate) seed: u64,
    pub(crate) devices: u32,
    #[serde(default)]
    pub(crate) incident: u32,
    pub(crate) ports: Option<Ports>,
    pub(crate) keys: Vec<AccessKey>,
    /// The console's secret at the sign-in provider.
    pub(crate) client_secret: String,
    /// `None` until the fleet is complete.
    pub(crate) filled: Option<Filled>,
}

/// What filling the sandbox left behind.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(crate) struct Filled {
    pub(crate) authorities: Vec<Authority>,
    pub(crate) planted: Vec<PlantedCertificate>,
    pub(crate) next_device: u32,
    /// What is wrong with the trail.
    pub(crate) evidence: Evidence,
}

/// The state, and the file that follows it. Clones share it.
#[derive(Clone)]
pub(crate) struct StateFile {
    path: PathBuf,
    state: Arc<Mutex<State>>,
}

impl StateFile {
    /// Reads the state in the data directory, or begins one there. A sandbox whose filling was interrupted is
    /// begun again: half a fleet would look like trouble.
    ///
    /// # Errors
    /// The directory has other people's files in it and no state, or cannot be read or written.
    pub(crate) fn open(options: &Options) -> anyhow::Result<Self> {
        let &Options { ref data_dir, reset, seed, devices, incident, .. } = options;
        let path = data_dir.join(FILE);
        let kept = if reset { None } else { read(&path)? };
        let state = match kept {
            Some(state) if state.filled.is_some() => {
                if (state.seed, state.devices, state.incident) != (seed, devices, incident) {
                    tracing::info!(
                        state.seed,
                        state.devices,
                        state.incident,
                        "keeping the fleet that is there; --reset makes another"
                    );
                }
                state
            }
            interrupted => {
                empty(data_dir)?;
                State {
                    seed,
                    devices,
                    incident,
                    ports: interrupted.and_then(|state| state.ports),
                    keys: keys::generate(),
                    client_secret: secret::token(),
                    filled: None,
                }
            }
        };
        let file = Self { path, state: Arc::new(Mutex::new(state)) };
        file.change(|_| ())?;
        Ok(file)
    }

    /// The state as it is now.
    pub(crate) fn get(&self) -> State {
        self.lock().clone()
    }

    /// Changes the state and writes it down.
    pub(crate) fn change<T>(&self, change: impl FnOnce(&mut State) -> T) -> anyhow::Result<T> {
        let mut state = self.lock();
        let result = change(&mut state);
        files::replace(&self.path, &serde_json::to_vec_pretty(&*state)?)?;
        Ok(result)
    }

    /// Takes the next number for a device.
    pub(crate) fn take_device_number(&self) -> anyhow::Result<u32> {
        self.change(|state| {
            let filled = state.filled.as_mut()?;
            filled.next_device += 1;
            Some(filled.next_device - 1)
        })?
        .context("the fleet is not complete")
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl State {
    /// The role's access key.
    pub(crate) fn key(&self, role: Role) -> anyhow::Result<&AccessKey> {
        let key = self.keys.iter().find(|key| key.role == role);
        key.with_context(|| format!("{FILE} has no access key for {role:?}: start with --reset"))
    }
}

fn read(path: &Path) -> anyhow::Result<Option<State>> {
    let content = match fs::read(path) {
        Ok(content) => content,
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => return Ok(None),
        Err(error) => return Err(error).with_context(|| format!("could not read {}", path.display())),
    };
    let state = serde_json::from_slice(&content).with_context(|| {
        format!("{} is damaged or of another version: start with --reset", path.display())
    })?;
    Ok(Some(state))
}

/// Makes `directory` an empty one. Only a directory that a sandbox made is ever emptied.
fn empty(directory: &Path) -> anyhow::Result<()> {
    let ours = directory.join(FILE).exists();
    let foreign = !ours && directory.read_dir().is_ok_and(|mut entries| entries.next().is_some());
    if foreign {
        bail!("{} is not empty and not a sandbox's: choose another with --data", directory.display());
    }
    if ours {
        fs::remove_dir_all(directory).with_context(|| format!("could not empty {}", directory.display()))?;
    }
    files::private_dir(directory)
}
