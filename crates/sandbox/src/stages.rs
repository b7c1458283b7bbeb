//! What a new sandbox is made of, stage by stage, and how long each took.

use std::time::Instant;

/// Tells of each stage when it is done.
pub(crate) struct Stages {
    began: Instant,
    stage: Instant,
}

impl Stages {
    pub(crate) fn begin() -> Self {
        let now = Instant::now();
        Self { began: now, stage: now }
    }

    /// This is done, and the next begins.
    pub(crate) fn done(&mut self, what: &str) {
        let (took, all) = (self.stage.elapsed(), self.began.elapsed());
        tracing::info!("{what}: {:.1} s (of {:.1} s so far)", took.as_secs_f64(), all.as_secs_f64());
        self.stage += took;
    }
}
