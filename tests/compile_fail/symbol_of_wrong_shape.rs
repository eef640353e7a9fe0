//! A symbol is checked when the program is compiled.

fn main() {
    let _ = gwanmun::symbol!("5930");
}
