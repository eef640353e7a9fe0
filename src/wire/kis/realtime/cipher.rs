//! The encryption of execution notices: AES-256 in CBC mode with PKCS #7 padding, in base64.
//!
//! Key and initial vector arrive with the answer to each subscription and live as long as the connection. Nothing
//! authenticates a notice: a wrong key is found out by its padding or by values that are none.

use std::fmt;

use aes::Aes256;
use aes::cipher::block_padding::Pkcs7;
use aes::cipher::{BlockModeDecrypt, BlockModeEncrypt, InnerIvInit, KeyInit};
use base64::Engine;
use base64::engine::general_purpose::STANDARD;

use super::frame::Frame;

/// Bytes of a block.
const BLOCK: usize = 16;
/// Characters of a key.
const KEY: usize = 32;
/// Filler before the values, so that the first number is read as quickly as the others.
const LEAD: usize = 8;

/// A key with its initial vector, ready to be used again and again.
#[derive(Clone)]
pub struct NoticeKey {
    cipher: Aes256,
    iv: [u8; BLOCK],
}

/// A key that is none.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("a key has 32 bytes and an initial vector 16; found {key} and {iv}")]
pub struct KeyError {
    /// Bytes of the key.
    pub key: usize,
    /// Bytes of the initial vector.
    pub iv: usize,
}

/// A notice that does not open. It may have been a fill.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum OpenError {
    /// The frame is not encrypted.
    #[error("the frame is not encrypted")]
    Plain,
    /// Not base64.
    #[error("the notice is not base64")]
    Base64,
    /// Not whole blocks, or a padding that is none: most likely another key.
    #[error("the notice does not open with this key")]
    Padding,
}

impl NoticeKey {
    /// The key of an answer: 32 and 16 characters, whose bytes are taken as they are.
    ///
    /// # Errors
    /// When they have another length.
    pub fn new(key: &str, iv: &str) -> Result<Self, KeyError> {
        let wrong = KeyError {
            key: key.len(),
            iv: iv.len(),
        };
        let key: &[u8; KEY] = key.as_bytes().try_into().map_err(|_| wrong)?;
        let iv = iv.as_bytes().try_into().map_err(|_| wrong)?;
        Ok(Self {
            cipher: Aes256::new(key.into()),
            iv,
        })
    }

    /// Opens a frame. The values are written to `buffer`, which allocates nothing once it has the size of the longest notice.
    ///
    /// # Errors
    /// When the frame is not encrypted, or not with this key.
    pub fn open<'b>(
        &self,
        frame: &Frame<'_>,
        buffer: &'b mut Vec<u8>,
    ) -> Result<Frame<'b>, OpenError> {
        if !frame.encrypted {
            return Err(OpenError::Plain);
        }
        let text = frame.payload();
        let room = LEAD + text.len().div_ceil(4) * 3;
        if buffer.len() < room {
            buffer.resize(room, 0);
        }
        let len = STANDARD
            .decode_slice(text, buffer.get_mut(LEAD..).unwrap_or_default())
            .map_err(|_| OpenError::Base64)?;
        let sealed = buffer.get_mut(LEAD..LEAD + len).ok_or(OpenError::Base64)?;
        let plain = cbc::Decryptor::inner_iv_init(&self.cipher, (&self.iv).into())
            .decrypt_padded::<Pkcs7>(sealed)
            .map_err(|_| OpenError::Padding)?
            .len();
        let end = LEAD + plain;
        Ok(Frame {
            feed: frame.feed,
            encrypted: false,
            records: frame.records,
            text: buffer.get(..end).ok_or(OpenError::Padding)?,
            from: LEAD,
        })
    }

    /// Appends `plain`, encrypted, to `out`.
    pub fn seal(&self, plain: &[u8], out: &mut Vec<u8>) {
        let mut sealed = plain.to_vec();
        // Padding always adds something, at most a block.
        sealed.resize(plain.len() + BLOCK, 0);
        let sealed = cbc::Encryptor::inner_iv_init(&self.cipher, (&self.iv).into())
            .encrypt_padded::<Pkcs7>(&mut sealed, plain.len())
            .map(|sealed| STANDARD.encode(sealed))
            // Never taken: there is room for the padding.
            .unwrap_or_default();
        out.extend_from_slice(sealed.as_bytes());
    }
}

/// Shows that there is a key, and nothing of it.
impl fmt::Debug for NoticeKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("NoticeKey(..)")
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    const KEY_TEXT: &str = "abcdefghijklmnopqrstuvwxyzabcdef";
    const IV_TEXT: &str = "0123456789abcdef";

    fn key() -> NoticeKey {
        NoticeKey::new(KEY_TEXT, IV_TEXT).expect("a key")
    }

    fn sealed(key: &NoticeKey, plain: &[u8]) -> Vec<u8> {
        let mut text = b"1|H0STCNI0|001|".to_vec();
        key.seal(plain, &mut text);
        text
    }

    #[test]
    fn keys_have_one_length() {
        assert_eq!(
            NoticeKey::new("short", IV_TEXT).err(),
            Some(KeyError { key: 5, iv: 16 })
        );
        assert!(NoticeKey::new(KEY_TEXT, "").is_err());
        assert_eq!(format!("{:?}", key()), "NoticeKey(..)");
    }

    #[test]
    fn what_is_not_a_notice_does_not_open() {
        let mut buffer = Vec::new();
        let mut open = |text: &str| {
            let frame = Frame::parse(text.as_bytes()).expect("a frame");
            key().open(&frame, &mut buffer).err()
        };
        assert_eq!(open("0|H0STCNI0|001|AAAA"), Some(OpenError::Plain));
        assert_eq!(open("1|H0STCNI0|001|A"), Some(OpenError::Base64));
        assert_eq!(open("1|H0STCNI0|001|AA^A"), Some(OpenError::Base64));
        assert_eq!(open("1|H0STCNI0|001|"), Some(OpenError::Padding));
        assert_eq!(open("1|H0STCNI0|001|AAAA"), Some(OpenError::Padding));
    }

    #[test]
    fn another_key_does_not_open() {
        let text = sealed(&key(), b"1^2^3");
        let frame = Frame::parse(&text).expect("a frame");
        let other = NoticeKey::new("another key of thirty-two bytes.", IV_TEXT).expect("a key");
        let opened = other.open(&frame, &mut Vec::new()).map(|_| ());
        assert_eq!(opened, Err(OpenError::Padding));
    }

    proptest! {
        #[test]
        fn what_was_sealed_opens(
            plain in proptest::collection::vec(any::<u8>(), 0..400),
            left_over in proptest::collection::vec(any::<u8>(), 0..600),
        ) {
            let text = sealed(&key(), &plain);
            let frame = Frame::parse(&text).expect("a frame");
            let mut buffer = left_over;
            let opened = key().open(&frame, &mut buffer).expect("opens");
            prop_assert!(!opened.is_encrypted());
            prop_assert_eq!(opened.payload(), plain);
        }
    }
}
