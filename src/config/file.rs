//! Reading the file itself, and the files that hold several gateways.

use std::ffi::OsString;
use std::fs::File;
use std::io::Read;
use std::path::{Path, PathBuf};

use zeroize::Zeroizing;

use crate::error::{ConfigError, ConfigProblem};

use super::problems::Problems;
use super::{BrokerConfig, reader};

/// The largest configuration file.
const SIZE_MAX: u64 = 256 * 1024;

/// The gateways of one file, with different names.
///
/// ```
/// use gwanmun::GatewayConfigs;
///
/// let text = r#"
///     [[gateway]]
///     broker_type = "MOCK"
///     [[gateway]]
///     broker_type = "MOCK"
///     name = "quiet"
///     mock.market = "NONE"
/// "#;
/// let configs = GatewayConfigs::from_toml_str("example.toml", text)?;
/// let names: Vec<_> = configs.iter().map(|config| config.name()).collect();
/// assert_eq!(names, ["mock", "quiet"]);
/// # Ok::<(), gwanmun::ConfigError>(())
/// ```
#[derive(Clone, Debug)]
pub struct GatewayConfigs(Vec<BrokerConfig>);

impl GatewayConfigs {
    /// Puts configurations together.
    ///
    /// # Errors
    /// When two have the same name, or two of one broker the same app key.
    pub fn new(configs: Vec<BrokerConfig>) -> Result<Self, ConfigError> {
        let mut problems = Problems::default();
        reader::check_together(configs.iter().map(Some), &mut problems);
        let problems = problems.into_sorted();
        if problems.is_empty() {
            Ok(Self(configs))
        } else {
            Err(ConfigError { problems })
        }
    }

    /// Reads a file of gateways under `[[gateway]]`, or of one without. Otherwise as [`BrokerConfig::from_file`].
    ///
    /// # Errors
    /// Every mistake at once, each with its line.
    pub fn from_file(path: impl AsRef<Path>) -> Result<Self, ConfigError> {
        read(path.as_ref(), &|name| std::env::var_os(name)).map(Self)
    }

    /// Reads the text of a file called `name` in messages. The environment is not looked at.
    ///
    /// # Errors
    /// Every mistake at once, each with its line.
    pub fn from_toml_str(name: &str, text: &str) -> Result<Self, ConfigError> {
        read_text(name, text, None, &|_| None).map(Self)
    }

    /// The configurations, in the order of the file.
    pub fn iter(&self) -> std::slice::Iter<'_, BrokerConfig> {
        self.0.iter()
    }
}

impl IntoIterator for GatewayConfigs {
    type Item = BrokerConfig;
    type IntoIter = std::vec::IntoIter<BrokerConfig>;

    fn into_iter(self) -> Self::IntoIter {
        self.0.into_iter()
    }
}

impl<'a> IntoIterator for &'a GatewayConfigs {
    type Item = &'a BrokerConfig;
    type IntoIter = std::slice::Iter<'a, BrokerConfig>;

    fn into_iter(self) -> Self::IntoIter {
        self.iter()
    }
}

/// The only gateway of a file.
pub(super) fn one(configs: Vec<BrokerConfig>) -> Result<BrokerConfig, ConfigError> {
    let count = configs.len();
    let mut configs = configs.into_iter();
    match (configs.next(), configs.next()) {
        (Some(config), None) => Ok(config),
        _ => Err(problem(
            "gateway",
            format!("{count} gateways"),
            "one here; `GatewayConfigs` reads several",
        )),
    }
}

/// Reads a file and checks everything about it.
pub(super) fn read(
    path: &Path,
    env: &impl Fn(&str) -> Option<OsString>,
) -> Result<Vec<BrokerConfig>, ConfigError> {
    let name = path.to_string_lossy();
    let error = |found: String, expected: &str| problem(&name, found, expected);
    let unreadable = |error: std::io::Error| {
        problem(
            &name,
            format!("no readable file ({error})"),
            "a configuration file in TOML",
        )
    };

    let file = File::open(path).map_err(unreadable)?;
    // Asked of the open file, so that what is checked is what is read.
    let metadata = file.metadata().map_err(unreadable)?;
    if metadata.is_dir() {
        return Err(error(
            "a directory".to_owned(),
            "a configuration file in TOML",
        ));
    }
    let mut bytes = Zeroizing::new(Vec::new());
    file.take(SIZE_MAX + 1)
        .read_to_end(&mut bytes)
        .map_err(unreadable)?;
    if bytes.len() as u64 > SIZE_MAX {
        return Err(error(
            format!("more than {SIZE_MAX} bytes"),
            "a configuration file of at most 256 KiB",
        ));
    }
    let text = str::from_utf8(&bytes).map_err(|error| {
        let before = &bytes[..error.valid_up_to()];
        let line = 1 + before.iter().filter(|&&byte| byte == b'\n').count();
        let mut error = problem(
            "encoding",
            "bytes that are not UTF-8",
            "a file saved as UTF-8",
        );
        for problem in &mut error.problems {
            problem.place = Some((name.as_ref().into(), line));
        }
        error
    })?;
    let open_to_others = open_to_others(&metadata);
    let mut configs = read_text(&name, text, open_to_others.as_deref(), env)?;
    let folder = path.parent().map(Path::to_path_buf).unwrap_or_default();
    for config in &mut configs {
        resolve(&mut config.mock.candles, &folder);
        resolve(&mut config.data_dir, &folder);
        resolve(&mut config.mock.journal_dir, &folder);
        resolve(&mut config.endpoints.ca_file, &folder);
    }
    Ok(configs)
}

/// Reads a text and checks everything about it.
pub(super) fn read_text(
    name: &str,
    text: &str,
    open_to_others: Option<&str>,
    env: &impl Fn(&str) -> Option<OsString>,
) -> Result<Vec<BrokerConfig>, ConfigError> {
    reader::read(name, text, open_to_others, env).map_err(|problems| ConfigError { problems })
}

fn resolve(path: &mut Option<PathBuf>, folder: &Path) {
    if let Some(path) = path {
        *path = folder.join(&path);
    }
}

fn problem(field: &str, found: impl Into<Box<str>>, expected: impl Into<Box<str>>) -> ConfigError {
    ConfigError {
        problems: vec![ConfigProblem {
            place: None,
            field: field.into(),
            found: found.into(),
            expected: expected.into(),
        }],
    }
}

/// The mode of a file that others than its owner may read or write. A pipe has no such file behind it.
#[cfg(unix)]
fn open_to_others(metadata: &std::fs::Metadata) -> Option<String> {
    use std::os::unix::fs::PermissionsExt;

    const OTHERS: u32 = 0o077;
    const ALL: u32 = 0o7777;
    let mode = metadata.permissions().mode();
    (metadata.is_file() && mode & OTHERS != 0).then(|| format!("{:04o}", mode & ALL))
}

/// Other systems have no such mode; access lists are not looked at.
#[cfg(not(unix))]
fn open_to_others(_: &std::fs::Metadata) -> Option<String> {
    None
}
