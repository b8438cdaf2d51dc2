//! Long calls: without the interpreter, on all cores, watched and stopped by the thread that called.

use std::panic::resume_unwind;
use std::process;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::mpsc::{RecvTimeoutError, channel};
use std::sync::{Mutex, PoisonError};
use std::thread;
use std::time::Duration;

use pyo3::exceptions::PyRuntimeError;
use pyo3::prelude::*;
use rayon::ThreadPool;
use veilmatch::{Error, Progress};

use crate::error::raised;

/// How often the calling thread looks for Ctrl-C and tells how far the work has come.
const TICK: Duration = Duration::from_millis(50);

/// How far a call has come, and whether it is to stop.
#[derive(Default)]
pub(crate) struct Watch {
    done: AtomicU64,
    stopped: AtomicBool,
}

impl Progress for Watch {
    fn advance(&self, items: u64) {
        self.done.fetch_add(items, Ordering::Relaxed);
    }

    fn is_cancelled(&self) -> bool {
        self.stopped.load(Ordering::Relaxed)
    }
}

/// Runs `work` in the pool of this process. Meanwhile the calling thread lets other Python threads run.
///
/// Only the main thread of Python learns of a signal, so it does not work itself: it waits, and looks.
pub(crate) fn run<T: Send>(
    py: Python<'_>,
    progress: Option<&Py<PyAny>>,
    work: impl FnOnce(&Watch) -> Result<T, Error> + Send,
) -> PyResult<T> {
    if rayon::current_thread_index().is_some() {
        // A worker would wait for its own pool, and nothing could stop it.
        let problem = "called while another call reads its column: make the column of the other call first, for instance by \
                       list() or .read_all()";
        return Err(PyRuntimeError::new_err(problem));
    }
    let watch = Watch::default();
    let done = py.detach(|| {
        thread::scope(|scope| {
            let (tell, told) = channel();
            let worker = scope.spawn({
                let watch = &watch;
                move || {
                    let done = pool().and_then(|pool| pool.install(|| work(watch)));
                    let _ = tell.send(done); // the receiver outlives this thread
                }
            });
            let mut raised_here = None;
            loop {
                match told.recv_timeout(TICK) {
                    Ok(done) => break raised_here.map_or_else(|| done.map_err(raised), Err),
                    Err(RecvTimeoutError::Timeout) if raised_here.is_none() => {
                        raised_here = Python::attach(|py| look(py, &watch, progress)).err();
                        watch.stopped.store(raised_here.is_some(), Ordering::Relaxed);
                    }
                    Err(RecvTimeoutError::Timeout) => {}
                    Err(RecvTimeoutError::Disconnected) => match worker.join() {
                        Err(panic) => resume_unwind(panic),
                        Ok(()) => unreachable!("a worker that ends well has told its result"),
                    },
                }
            }
        })
    })?;
    look(py, &watch, progress)?;
    if let Some(close) =
        progress.map(|progress| progress.bind(py).getattr_opt("close")).transpose()?.flatten()
    {
        close.call0()?;
    }
    Ok(done)
}

fn look(py: Python<'_>, watch: &Watch, progress: Option<&Py<PyAny>>) -> PyResult<()> {
    py.check_signals()?;
    if let Some(progress) = progress {
        progress.call1(py, (watch.done.load(Ordering::Relaxed),))?;
    }
    Ok(())
}

/// Returns the pool of this process. A process that was forked has none of its parent's threads, so it gets a pool of
/// its own; the parent's is left as it is.
fn pool() -> Result<&'static ThreadPool, Error> {
    static POOL: Mutex<Option<(u32, &'static ThreadPool)>> = Mutex::new(None);
    let mut pool = POOL.lock().unwrap_or_else(PoisonError::into_inner);
    match *pool {
        Some((of, pool)) if of == process::id() => Ok(pool),
        _ => {
            let made = rayon::ThreadPoolBuilder::new().thread_name(|at| format!("veilmatch-{at}")).build();
            let made: &ThreadPool = Box::leak(Box::new(made.map_err(std::io::Error::other)?));
            *pool = Some((process::id(), made));
            Ok(made)
        }
    }
}
