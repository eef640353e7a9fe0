//! The command line: arguments in, the gateway's answers out.

mod account;
mod args;
mod connect;
mod demo;
mod doctor;
#[cfg(all(feature = "emulator", feature = "kis"))]
mod emulate;
mod exit;
mod format;
mod journal;
mod market;
mod orders;
mod output;

use std::io;
use std::process::ExitCode;

use clap::Parser;
use gwanmun::{BrokerGateway, Side};
use tracing_subscriber::EnvFilter;

use args::{Arguments, Command};
use connect::Session;
use exit::Failure;
use output::Output;

/// Runs the program with the arguments of the process.
pub(crate) fn run() -> ExitCode {
    let arguments = match Arguments::try_parse() {
        Ok(arguments) => arguments,
        // Help and version go to stdout with 0, mistakes to stderr with 2.
        Err(error) => error.exit(),
    };
    match execute(&arguments) {
        Ok(()) => ExitCode::SUCCESS,
        Err(failure) => {
            failure.report();
            failure.exit_code()
        }
    }
}

fn execute(arguments: &Arguments) -> Result<(), Failure> {
    start_logs(arguments.common.log.as_deref())?;
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .map_err(|error| Failure::Other(format!("starting the timers of the program: {error}")))?;
    runtime.block_on(dispatch(arguments))
}

fn start_logs(filter: Option<&str>) -> Result<(), Failure> {
    let Some(filter) = filter else {
        return Ok(());
    };
    let filter = EnvFilter::try_new(filter).map_err(|error| {
        Failure::Usage(format!(
            "--log (or GWANMUN_LOG): {error}; expected a filter such as `info` or `gwanmun=debug`"
        ))
    })?;
    tracing_subscriber::fmt()
        .with_env_filter(filter)
        .with_writer(io::stderr)
        .init();
    Ok(())
}

async fn dispatch(arguments: &Arguments) -> Result<(), Failure> {
    let common = &arguments.common;
    let mut output = Output::new(common.json);
    if let Command::Demo(demo) = &arguments.command {
        return Box::pin(demo::run(common, demo, &mut output)).await;
    }
    if let Command::Journal(args) = &arguments.command {
        return journal::show(args, &mut output);
    }
    #[cfg(all(feature = "emulator", feature = "kis"))]
    if let Command::Emulate(args) = &arguments.command {
        return Box::pin(emulate::run(args, &mut output)).await;
    }
    if let Command::Doctor = &arguments.command {
        return Box::pin(doctor::run(common, &mut output)).await;
    }
    let session = Session::open(common, waits(&arguments.command)).await?;
    let done = Box::pin(act(&session, arguments, &mut output)).await;
    // What is on its way ends in order; a failure of that is told where the command itself was done.
    let ended = session.gateway.disconnect().await;
    done?;
    Ok(ended?)
}

async fn act(session: &Session, arguments: &Arguments, output: &mut Output) -> Result<(), Failure> {
    match &arguments.command {
        // Handled before: they need no session.
        Command::Demo(_) | Command::Journal(_) | Command::Doctor => Ok(()),
        #[cfg(all(feature = "emulator", feature = "kis"))]
        Command::Emulate(_) => Ok(()),
        Command::Quote(args) => market::quote(session, args, output).await,
        Command::Book(args) => market::book(session, args, output).await,
        Command::Candles(args) => market::candles(session, args, output).await,
        Command::Watch(args) => market::watch(session, args, output).await,
        Command::Buy(args) => orders::place(session, Side::Buy, args, output).await,
        Command::Sell(args) => orders::place(session, Side::Sell, args, output).await,
        Command::Cancel(args) => orders::cancel(session, args, output).await,
        Command::Orders => orders::list(session, output).await,
        Command::Positions => account::positions(session, output).await,
        Command::Balance => account::balance(session, output).await,
    }
}

/// Whether a command waits for the market.
const fn waits(command: &Command) -> bool {
    match command {
        Command::Watch(_) => true,
        Command::Buy(order) | Command::Sell(order) => order.watch_for.is_some(),
        Command::Demo(_)
        | Command::Quote(_)
        | Command::Book(_)
        | Command::Cancel(_)
        | Command::Orders
        | Command::Positions
        | Command::Balance
        | Command::Doctor
        | Command::Candles(_)
        | Command::Journal(_) => false,
        #[cfg(all(feature = "emulator", feature = "kis"))]
        Command::Emulate(_) => false,
    }
}
