//! Where the tasks of a gateway run: on a thread of their own, which no caller's code can block.

use std::future::Future;
use std::sync::Arc;
use std::sync::mpsc;
use std::thread;

use tokio::runtime::{Builder, Handle};
use tokio::sync::Notify;
use tokio::task::JoinHandle;

use crate::error::{Error, Result};

/// A place for tasks. Clones are the same place; tasks of a thread of its own end with the last clone.
#[derive(Clone, Debug)]
pub struct Runtime {
    handle: Handle,
    _thread: Option<Arc<OwnThread>>,
}

/// Tells the thread to end.
#[derive(Debug)]
struct OwnThread(Arc<Notify>);

impl Drop for OwnThread {
    fn drop(&mut self) {
        self.0.notify_one();
    }
}

impl Runtime {
    /// A thread of its own with a runtime of its own: reading, answers to pings, timers and writes go on while the caller's
    /// runtime is blocked.
    ///
    /// # Errors
    /// When the system gives no thread, or no means to wait for sockets.
    pub fn own_thread(name: &str) -> Result<Self> {
        let failed = |source| Error::io("starting the gateway's thread", source);
        let end = Arc::new(Notify::new());
        let (tell, told) = mpsc::sync_channel(1);
        let ended = Arc::clone(&end);
        thread::Builder::new()
            .name(name.to_owned())
            .spawn(move || {
                let runtime = match Builder::new_current_thread().enable_all().build() {
                    Ok(runtime) => runtime,
                    Err(error) => {
                        // Whoever asked for the thread still waits.
                        let _ = tell.send(Err(error));
                        return;
                    }
                };
                if tell.send(Ok(runtime.handle().clone())).is_ok() {
                    runtime.block_on(ended.notified());
                }
                // Files and names that are being looked up must not hold the thread up.
                runtime.shutdown_background();
            })
            .map_err(failed)?;
        let handle = told
            .recv()
            .map_err(|_| failed(std::io::ErrorKind::BrokenPipe.into()))?
            .map_err(failed)?;
        Ok(Self {
            handle,
            _thread: Some(Arc::new(OwnThread(end))),
        })
    }

    /// The caller's runtime: for tests under paused time and simulated networks, and for programs that want no other
    /// thread.
    ///
    /// # Errors
    /// Outside of a tokio runtime.
    pub fn current() -> Result<Self> {
        let handle = Handle::try_current()
            .map_err(|_| Error::invalid("runtime", "none", "a call from inside a tokio runtime"))?;
        Ok(Self {
            handle,
            _thread: None,
        })
    }

    /// Starts a task.
    pub fn spawn<F>(&self, task: F) -> JoinHandle<F::Output>
    where
        F: Future<Output: Send + 'static> + Send + 'static,
    {
        self.handle.spawn(task)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_own_thread_runs_tasks_and_ends_with_its_last_handle() {
        let runtime = Runtime::own_thread("gwanmun-test").unwrap();
        let (tell, told) = mpsc::channel::<()>();
        let task = runtime.spawn(async move {
            let _held = tell;
            std::future::pending::<()>().await;
        });
        drop((runtime, task));
        // The task is dropped with its thread, and its end of the channel with it.
        assert!(told.recv().is_err());
        assert!(Runtime::current().is_err());
    }
}
