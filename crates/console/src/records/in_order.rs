//! Work in parts on all cores, while what comes of it is taken in the order of the parts. Knows nothing of what it is.

use std::num::NonZero;
use std::sync::Mutex;
use std::sync::mpsc::{SendError, SyncSender, sync_channel};
use std::thread;

use crate::lock::lock;

const THREADS: usize = 8;
/// How much of a part may wait for those before it.
const WAITING: usize = 4;

/// Hands what comes of a part to whoever takes it; `Err`: nobody does any more.
pub(crate) type Out<T> = SyncSender<T>;

/// Does `work` on all parts, each on some thread; `each` is given what came of them, the parts one after the other.
///
/// # Errors
/// Those of `each`; what is left of the work is then given up where it hands over the next thing.
pub(crate) fn in_order<P: Send, T: Send, E>(
    parts: Vec<P>,
    work: impl Fn(P, &Out<T>) -> Result<(), SendError<T>> + Sync,
    each: impl FnMut(T) -> Result<(), E>,
) -> Result<(), E> {
    let threads = thread::available_parallelism().map_or(1, NonZero::get).min(THREADS).min(parts.len());
    let (jobs, results): (Vec<_>, Vec<_>) = parts
        .into_iter()
        .map(|part| {
            let (out, result) = sync_channel(WAITING);
            ((part, out), result)
        })
        .unzip();
    let jobs = Mutex::new(jobs.into_iter());
    let take = || lock(&jobs).next();
    thread::scope(|scope| {
        for _ in 0..threads {
            scope.spawn(|| {
                while let Some((part, out)) = take() {
                    if work(part, &out).is_err() {
                        return;
                    }
                }
            });
        }
        results.into_iter().flatten().try_for_each(each)
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_comes_of_parts_comes_in_their_order() {
        let work = |part: u32, out: &Out<_>| (0..part % 20).try_for_each(|number| out.send((part, number)));
        let mut all = Vec::new();
        let taken = in_order((0..300).collect(), work, |one| {
            all.push(one);
            Ok::<_, ()>(())
        });
        let expected: Vec<_> =
            (0..300).flat_map(|part| (0..part % 20).map(move |number| (part, number))).collect();
        assert_eq!((taken, all), (Ok(()), expected));
    }

    #[test]
    fn whoever_takes_no_more_is_not_waited_for() {
        let work = |part: u32, out: &Out<_>| (0..100).try_for_each(|_| out.send(part));
        let taken = in_order((0..300).collect(), work, |part| if part < 7 { Ok(()) } else { Err(part) });
        assert_eq!(taken, Err(7));
    }
}
