//! The file under a journal. A seam: tests put one here whose disk fills up and whose writes fail.

use std::fs::File;
use std::io;

/// What a journal needs of a file. Positions are bytes from its beginning.
///
/// Implementations report what the system did and never repeat a call themselves.
pub trait JournalFile: Sized + std::fmt::Debug {
    /// Bytes in the file.
    ///
    /// # Errors
    /// As the system says.
    fn size(&self) -> io::Result<u64>;

    /// Reads up to `bytes.len()` bytes; 0 at the end of the file.
    ///
    /// # Errors
    /// As the system says.
    fn read_at(&self, bytes: &mut [u8], offset: u64) -> io::Result<usize>;

    /// Writes up to `bytes.len()` bytes and returns how many.
    ///
    /// # Errors
    /// As the system says.
    fn write_at(&self, bytes: &[u8], offset: u64) -> io::Result<usize>;

    /// Brings the contents to the disk (`fdatasync`).
    ///
    /// # Errors
    /// As the system says. What reached the disk is then unknown.
    fn sync_data(&self) -> io::Result<()>;

    /// The same file once more, for a flush from another thread.
    ///
    /// # Errors
    /// As the system says.
    fn try_clone(&self) -> io::Result<Self>;
}

/// A file on a disk.
#[derive(Debug)]
pub struct DiskFile(File);

impl DiskFile {
    /// That file, opened for reading, and for writing where it is to be written.
    pub const fn new(file: File) -> Self {
        Self(file)
    }
}

impl JournalFile for DiskFile {
    fn size(&self) -> io::Result<u64> {
        self.0.metadata().map(|metadata| metadata.len())
    }

    #[cfg(unix)]
    fn read_at(&self, bytes: &mut [u8], offset: u64) -> io::Result<usize> {
        std::os::unix::fs::FileExt::read_at(&self.0, bytes, offset)
    }

    #[cfg(windows)]
    fn read_at(&self, bytes: &mut [u8], offset: u64) -> io::Result<usize> {
        std::os::windows::fs::FileExt::seek_read(&self.0, bytes, offset)
    }

    #[cfg(unix)]
    fn write_at(&self, bytes: &[u8], offset: u64) -> io::Result<usize> {
        std::os::unix::fs::FileExt::write_at(&self.0, bytes, offset)
    }

    #[cfg(windows)]
    fn write_at(&self, bytes: &[u8], offset: u64) -> io::Result<usize> {
        std::os::windows::fs::FileExt::seek_write(&self.0, bytes, offset)
    }

    fn sync_data(&self) -> io::Result<()> {
        self.0.sync_data()
    }

    fn try_clone(&self) -> io::Result<Self> {
        self.0.try_clone().map(Self)
    }
}

/// How often a call that a signal interrupted is made again.
const INTERRUPTED_MAX: u32 = 64;

/// Writes all of `bytes`. A short write goes on with the rest; an error ends it.
pub(super) fn write_all_at<F: JournalFile>(
    file: &F,
    mut bytes: &[u8],
    mut offset: u64,
) -> io::Result<()> {
    let mut interrupted = 0;
    while !bytes.is_empty() {
        match file.write_at(bytes, offset) {
            Ok(0) => return Err(io::ErrorKind::WriteZero.into()),
            Ok(written) => {
                bytes = bytes.get(written..).unwrap_or_default();
                offset += written as u64;
            }
            // A signal came before the first byte was written, so nothing is written twice.
            Err(error)
                if error.kind() == io::ErrorKind::Interrupted && interrupted < INTERRUPTED_MAX =>
            {
                interrupted += 1;
            }
            Err(error) => return Err(error),
        }
    }
    Ok(())
}

/// Fills `bytes` from the file as far as it goes, and returns how many bytes that were.
pub(super) fn read_full_at<F: JournalFile>(
    file: &F,
    bytes: &mut [u8],
    offset: u64,
) -> io::Result<usize> {
    let (mut filled, mut interrupted) = (0, 0);
    while filled < bytes.len() {
        match file.read_at(&mut bytes[filled..], offset + filled as u64) {
            Ok(0) => break,
            Ok(read) => filled += read.min(bytes.len() - filled),
            Err(error)
                if error.kind() == io::ErrorKind::Interrupted && interrupted < INTERRUPTED_MAX =>
            {
                interrupted += 1;
            }
            Err(error) => return Err(error),
        }
    }
    Ok(filled)
}
