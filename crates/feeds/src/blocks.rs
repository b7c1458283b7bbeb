//! A source cut into blocks that all cores read at once, in the source's order, with what a reader of the whole would give.
//!
//! A block is cut where a record seems to end. One that holds nothing but plain records up to its end is read by a thread of
//! its own; any other one is read again by the format's own reader, which says what is wrong, where, and where the next
//! record begins. If that is not where the next block begins, the two are read as one.

use std::collections::VecDeque;
use std::io::{self, BufRead, Cursor, Read};
use std::num::NonZero;
use std::sync::mpsc::{Receiver, SyncSender, sync_channel};
use std::sync::{Mutex, PoisonError};
use std::thread;

use crate::Bad;

/// How many bytes a block has, about.
const BLOCK: usize = if cfg!(test) { 300 } else { 1024 * 1024 };
/// So many blocks without a place to cut, or that were cut in the wrong places, are no file that we know: the rest of it is
/// read by one thread.
const MOST: usize = 4;
const THREADS: usize = 8;

/// What was read.
pub enum Part<B> {
    /// Records.
    Good(B),
    /// Where there is none.
    Bad(Bad),
}

/// How the records of one format are found. All numbers count what the places of bad records count: rows or lines.
pub(crate) trait Format: Sync {
    type Record;

    /// Where the last record of a piece seems to end.
    fn cut(&self, piece: &[u8]) -> Option<usize>;

    /// Reads a block of plain records, each handed to `each`, and says how many numbers it used. `None`: it is not that.
    fn quick(&self, block: &[u8], each: impl FnMut(Self::Record)) -> Option<u64>;

    /// Reads with care: hands what there is to `each`, until all of `input` is taken (`ended`) and read: then it gives the number
    /// of the last record. `None`: the records were over before. `number` is that of the record before.
    fn careful<'a, E>(
        &self,
        input: Box<dyn BufRead + 'a>,
        ended: impl Fn() -> bool + 'a,
        number: u64,
        each: impl FnMut(Result<Self::Record, Bad>) -> Result<(), E>,
    ) -> Result<Option<u64>, E>;
}

/// What a thread made of a block: the block, and its records unless it needs care.
struct Done<B> {
    block: Vec<u8>,
    quick: Option<(B, u64)>,
}

type Job<B> = (Vec<u8>, SyncSender<Done<B>>);

/// Reads the records of `input`: `add` puts each into a batch, on any thread; `each` is given the batches in order, with
/// what could not be read between them.
///
/// # Errors
/// Those of `each`.
pub(crate) fn read<F: Format, B: Default + Send, E>(
    format: &F,
    input: impl Read,
    add: impl Fn(&mut B, F::Record) + Sync,
    mut each: impl FnMut(Part<B>) -> Result<(), E>,
) -> Result<(), E> {
    let threads = thread::available_parallelism().map_or(1, NonZero::get).min(THREADS);
    let (sender, jobs) = sync_channel::<Job<B>>(threads);
    let jobs = Mutex::new(jobs);
    thread::scope(|scope| {
        for _ in 0..threads {
            scope.spawn(|| work(format, &jobs, &add));
        }
        // Dropped at the end of this closure, it sends the threads home.
        let mut blocks = Blocks {
            input,
            format,
            sender,
            ahead: threads + 2,
            waiting: VecDeque::new(),
            rest: Vec::new(),
            spare: Vec::new(),
            end: None,
        };
        collect(format, &mut blocks, &add, &mut each)
    })
}

fn work<F: Format, B: Default>(
    format: &F,
    jobs: &Mutex<Receiver<Job<B>>>,
    add: &(impl Fn(&mut B, F::Record) + Sync),
) {
    loop {
        let job = jobs.lock().unwrap_or_else(PoisonError::into_inner).recv();
        let Ok((block, answer)) = job else { return };
        let mut batch = B::default();
        let quick = format.quick(&block, |record| add(&mut batch, record)).map(|used| (batch, used));
        // Nobody waits for it any more after an error.
        let _ = answer.send(Done { block, quick });
    }
}

fn collect<F: Format, B: Default + Send, E>(
    format: &F,
    blocks: &mut Blocks<'_, impl Read, F, B>,
    add: &(impl Fn(&mut B, F::Record) + Sync),
    each: &mut impl FnMut(Part<B>) -> Result<(), E>,
) -> Result<(), E> {
    let mut number = 0;
    'blocks: loop {
        let Done { mut block, quick } = blocks.next().unwrap_or(Done { block: Vec::new(), quick: None });
        // How the source ends is for the format's own reader.
        if let Some((batch, used)) = quick.filter(|_| !blocks.is_over()) {
            number += used;
            blocks.spare.push(block);
            each(Part::Good(batch))?;
            continue;
        }
        for _ in 0..MOST {
            if blocks.is_over() {
                break;
            }
            if let Some((parts, last)) = alone(format, &block, number, add) {
                parts.into_iter().try_for_each(&mut *each)?;
                let Some(last) = last else { return Ok(()) };
                number = last;
                continue 'blocks;
            }
            block.extend(blocks.next().map(|next| next.block).unwrap_or_default());
        }
        let rest = io::BufReader::with_capacity(
            BLOCK,
            Cursor::new(block).chain(Rest { blocks, at: 0, block: Vec::new() }),
        );
        let mut batch = B::default();
        let mut count = 0_usize;
        format.careful(
            Box::new(rest),
            || false,
            number,
            |record| match record {
                Ok(record) => {
                    add(&mut batch, record);
                    count += 1;
                    if count.is_multiple_of(4096) {
                        each(Part::Good(std::mem::take(&mut batch)))
                    } else {
                        Ok(())
                    }
                }
                Err(bad) => {
                    each(Part::Good(std::mem::take(&mut batch)))?;
                    each(Part::Bad(bad))
                }
            },
        )?;
        return each(Part::Good(batch));
    }
}

/// What a careful reader says of a block alone, and the number of its last record, unless nothing follows it. `None`: it went beyond the block's end,
/// and might have said something else with what follows.
fn alone<F: Format, B: Default>(
    format: &F,
    block: &[u8],
    number: u64,
    add: &impl Fn(&mut B, F::Record),
) -> Option<(Vec<Part<B>>, Option<u64>)> {
    let at = std::cell::Cell::new(Place::Within);
    let (mut parts, mut batch) = (Vec::new(), B::default());
    let input = Box::new(Bounded { block, place: &at });
    let read = format.careful(
        input,
        || at.get() == Place::End,
        number,
        |record| {
            if at.get() == Place::Beyond {
                return Err(());
            }
            match record {
                Ok(record) => add(&mut batch, record),
                Err(bad) => parts.extend([Part::Good(std::mem::take(&mut batch)), Part::Bad(bad)]),
            }
            Ok(())
        },
    );
    parts.push(Part::Good(batch));
    Some((parts, read.ok().filter(|_| at.get() != Place::Beyond)?))
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Place {
    Within,
    End,
    /// More was asked for than there is.
    Beyond,
}

/// A block that notices whether somebody asks for what follows it.
struct Bounded<'a> {
    block: &'a [u8],
    place: &'a std::cell::Cell<Place>,
}

impl Read for Bounded<'_> {
    fn read(&mut self, out: &mut [u8]) -> io::Result<usize> {
        let count = self.fill_buf()?.read(out)?;
        self.consume(count);
        Ok(count)
    }
}

impl BufRead for Bounded<'_> {
    fn fill_buf(&mut self) -> io::Result<&[u8]> {
        if self.block.is_empty() {
            self.place.set(Place::Beyond);
        }
        Ok(self.block)
    }

    fn consume(&mut self, count: usize) {
        self.block = self.block.get(count..).unwrap_or_default();
        if self.block.is_empty() && self.place.get() == Place::Within {
            self.place.set(Place::End);
        }
    }
}

/// The source in blocks, a few of them on their way through the threads.
struct Blocks<'f, R, F, B> {
    input: R,
    format: &'f F,
    sender: SyncSender<Job<B>>,
    /// How many blocks may be on their way.
    ahead: usize,
    waiting: VecDeque<Receiver<Done<B>>>,
    /// What was read behind the last place to cut.
    rest: Vec<u8>,
    /// Blocks that have been read, to be filled again.
    spare: Vec<Vec<u8>>,
    /// How the source ended.
    end: Option<io::Result<()>>,
}

impl<R: Read, F: Format, B> Blocks<'_, R, F, B> {
    /// The next block in the source's order; `None`: there is no other.
    fn next(&mut self) -> Option<Done<B>> {
        while self.end.is_none() && self.waiting.len() < self.ahead {
            let block = self.cut();
            if block.is_empty() {
                break;
            }
            let (answer, done) = sync_channel(1);
            if self.sender.send((block, answer)).is_err() {
                break;
            }
            self.waiting.push_back(done);
        }
        self.waiting.pop_front()?.recv().ok()
    }

    /// Whether no block follows.
    fn is_over(&self) -> bool {
        self.end.is_some() && self.waiting.is_empty()
    }

    fn cut(&mut self) -> Vec<u8> {
        let mut block = self.spare.pop().unwrap_or_else(|| Vec::with_capacity(2 * BLOCK));
        block.clear();
        block.append(&mut self.rest);
        loop {
            let old = block.len();
            let read = self.input.by_ref().take(BLOCK as u64).read_to_end(&mut block);
            if read.is_err() || block.len() < old + BLOCK {
                self.end = Some(read.map(|_| ()));
                return block;
            }
            match self.format.cut(&block) {
                Some(at) => {
                    self.rest.extend_from_slice(&block[at..]);
                    block.truncate(at);
                    return block;
                }
                None if block.len() >= MOST * BLOCK => return block,
                None => (),
            }
        }
    }
}

/// All that follows, as it comes.
struct Rest<'b, 'f, R, F, B> {
    blocks: &'b mut Blocks<'f, R, F, B>,
    block: Vec<u8>,
    at: usize,
}

impl<R: Read, F: Format, B> Read for Rest<'_, '_, R, F, B> {
    fn read(&mut self, out: &mut [u8]) -> io::Result<usize> {
        while self.at == self.block.len() {
            match self.blocks.next() {
                Some(done) => (self.block, self.at) = (done.block, 0),
                None => return self.blocks.end.replace(Ok(())).unwrap_or(Ok(())).map(|()| 0),
            }
        }
        let count = self.block.get(self.at..).unwrap_or_default().read(out)?;
        self.at += count;
        Ok(count)
    }
}

#[cfg(test)]
mod tests;
