//! What a connection is waiting for, and until when: no step of a stranger's may take for ever.

use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};

use axum::body::{Bytes, HttpBody};
use http_body::{Frame, SizeHint};
use tokio::sync::watch;
use tokio::time::{Instant, sleep_until};

use crate::config::Limits;

/// A step of a connection. Each has its limit.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Step {
    /// The next request has not begun.
    Idle,
    Headers,
    Body,
    /// The request is there as a whole; its answer is not.
    Answer,
}

impl Step {
    pub fn name(self) -> &'static str {
        match self {
            Self::Idle => "idle",
            Self::Headers => "headers",
            Self::Body => "body",
            Self::Answer => "answer",
        }
    }
}

/// The step of one connection and the end of its time. Clones share it.
#[derive(Clone)]
pub struct Watch {
    now: Arc<watch::Sender<(Step, Instant)>>,
    limits: Limits,
}

impl Watch {
    /// A connection that was just made owes its first request.
    pub fn new(limits: Limits) -> Self {
        let first = (Step::Headers, Instant::now() + limits.headers);
        Self { now: Arc::new(watch::Sender::new(first)), limits }
    }

    /// Goes on to the step `to`.
    pub fn begin(&self, to: Step) {
        self.go(to, |_| true);
    }

    /// Goes on to the step `to` if it is at `from`.
    pub fn pass(&self, from: Step, to: Step) {
        self.go(to, |step| step == from);
    }

    fn go(&self, to: Step, when: impl FnOnce(Step) -> bool) {
        let time = match to {
            Step::Idle => self.limits.idle,
            Step::Headers => self.limits.headers,
            Step::Body => self.limits.body,
            Step::Answer => self.limits.answer,
        };
        self.now.send_if_modified(|now| {
            let goes = when(now.0);
            if goes {
                *now = (to, Instant::now() + time);
            }
            goes
        });
    }

    /// Waits until a step has taken too long, and says which.
    pub async fn overdue(&self) -> Step {
        let mut changes = self.now.subscribe();
        loop {
            let (step, until) = *changes.borrow_and_update();
            tokio::select! {
                () = sleep_until(until) => return step,
                // Never an error: this is one of the senders.
                _ = changes.changed() => {}
            }
        }
    }
}

/// A body whose end, or end of interest, is the end of a step.
pub struct Watched<B> {
    body: B,
    watch: Watch,
    /// `Some`: the step that ends with the request's body. `None`: it is the answer's.
    from: Option<Step>,
    over: bool,
}

impl<B> Watched<B> {
    /// The body of a request.
    pub fn request(body: B, watch: Watch) -> Self {
        Self { body, watch, from: Some(Step::Body), over: false }
    }

    /// The body of an answer.
    pub fn answer(body: B, watch: Watch) -> Self {
        Self { body, watch, from: None, over: false }
    }

    fn end(&mut self) {
        if !std::mem::replace(&mut self.over, true) {
            match self.from {
                Some(step) => self.watch.pass(step, Step::Answer),
                None => self.watch.begin(Step::Idle),
            }
        }
    }
}

impl<B> Drop for Watched<B> {
    fn drop(&mut self) {
        self.end();
    }
}

impl<B: HttpBody<Data = Bytes> + Unpin> HttpBody for Watched<B> {
    type Data = Bytes;
    type Error = B::Error;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, B::Error>>> {
        let polled = Pin::new(&mut self.body).poll_frame(cx);
        if let Poll::Ready(None) = polled {
            self.end();
        }
        polled
    }

    fn is_end_stream(&self) -> bool {
        self.body.is_end_stream()
    }

    fn size_hint(&self) -> SizeHint {
        self.body.size_hint()
    }
}

#[cfg(test)]
mod tests {
    use std::num::NonZeroU32;
    use std::time::Duration;

    use super::*;

    fn watch() -> Watch {
        let milliseconds = Duration::from_millis;
        Watch::new(Limits {
            connections: 8,
            headers: milliseconds(200),
            body: milliseconds(300),
            answer: milliseconds(400),
            idle: milliseconds(5000),
            address: NonZeroU32::MIN,
            person: NonZeroU32::MIN,
            sign_ins: NonZeroU32::MIN,
            refusals: NonZeroU32::MIN,
        })
    }

    #[tokio::test]
    async fn each_step_has_its_time_and_a_trickle_does_not_renew_it() {
        let watch = watch();
        assert_eq!(watch.overdue().await, Step::Headers);
        watch.begin(Step::Idle);
        let began = Instant::now();
        let trickle = async {
            loop {
                watch.pass(Step::Idle, Step::Headers);
                tokio::time::sleep(Duration::from_millis(20)).await;
            }
        };
        let step = tokio::select! {
            step = watch.overdue() => step,
            () = trickle => Step::Answer,
        };
        assert_eq!(step, Step::Headers);
        assert!(began.elapsed() >= Duration::from_millis(200));
    }

    #[tokio::test]
    async fn a_body_that_is_read_or_given_up_ends_its_step() {
        let watch = watch();
        watch.begin(Step::Body);
        drop(Watched::request(axum::body::Body::from("x"), watch.clone()));
        assert_eq!(watch.overdue().await, Step::Answer);
        drop(Watched::answer(axum::body::Body::from("x"), watch.clone()));
        // The request's body may be given up after its answer was sent.
        drop(Watched::request(axum::body::Body::from("x"), watch.clone()));
        assert_eq!(watch.overdue().await, Step::Idle);
    }
}
